import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { ATTEMPTS, type Prepare } from './attempts.ts'
import { type Client, createClient } from './client.ts'
import { expectTidy, sessionsIn, uploadFiles } from './data-folder.ts'
import { Knowledge } from './knowledge.ts'
import { refusalOf } from './refusal.ts'
import { type Call, injectKill, threadOf } from './strace.ts'
import { resumeUploads, verifyContent } from './verify.ts'

/** With one thread in the pool, the calls of a request come in the same order each time. */
const environment = {
  UV_THREADPOOL_SIZE: '1',
  REGISTRY_STORAGE_DELETE_ENABLED: 'true',
  REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
}

const knowledge = new Knowledge()
let registry: RegistryProcess
let client: Client

beforeAll(async () => {
  registry = await startRegistry({ environment })
  client = createClient(() => registry.url)
})

/** After all the tests below. */
afterAll(async () => {
  await verifyContent(client, knowledge, knowledge.all())
  expect(await registry.stop()).toBe(0)
  await expectTidy(registry.data)
  expect(sessionsIn(registry.data)).toEqual([])
  await registry[Symbol.asyncDispose]()
})

for (const { name, prepare, calls } of ATTEMPTS) {
  test.each(calls)(`${name}, killed before %s`, async (call) => {
    let kills = 0
    while (await isKilledAt(prepare, { thread: threadOf(call), call, nth: kills + 1 })) kills++
    expect(kills).toBeGreaterThan(0)
  })
}

/** `false` where the request came to its end, as it makes no such call. */
async function isKilledAt(prepare: Prepare, call: Call): Promise<boolean> {
  const attempt = await prepare(client, knowledge, randomUUID())
  await using trace = await injectKill(registry.pid, call)
  const error = await refusalOf(attempt.once())
  await trace.end()
  if (await isAlive()) {
    expect(error).toBeUndefined()
    return false
  }

  await registry.kill()
  await registry.restart()
  const known = [...knowledge.uploads].map(({ path }) => path.split('/').at(-1))
  expect(known).toEqual(expect.arrayContaining(await uploadFiles(registry.data)))
  await resumeUploads(client, knowledge)
  await verifyContent(client, knowledge, knowledge.takeUnchecked())
  return true
}

/** An answer does not say so: what comes after it may have been the call. */
const isAlive = async (): Promise<boolean> =>
  (await refusalOf(client.expect(200, 'GET', '/v2/'))) === undefined
