import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { ATTEMPTS, type Prepare } from './attempts.ts'
import { type Client, chunkAt, createClient, pushBlob, receivedIn, startUpload } from './client.ts'
import { blobOf } from './content.ts'
import { expectTidy } from './data-folder.ts'
import { Knowledge } from './knowledge.ts'
import { expectStorageRefusal, refusalOf, STATUS_OF } from './refusal.ts'
import { type Call, type Failure, injectFailure, threadOf, wasInjected, watch } from './strace.ts'
import { resumeUploads, verifyContent } from './verify.ts'

/** With one thread in the pool, the calls of a request come in the same order each time. */
const environment = {
  UV_THREADPOOL_SIZE: '1',
  REGISTRY_STORAGE_DELETE_ENABLED: 'true',
  REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
}

const POOL = { thread: 'libuv-worker', error: 'EIO' } as const

let registry: RegistryProcess
let client: Client

beforeAll(async () => {
  registry = await startRegistry({ environment })
  client = createClient(() => registry.url)
})

afterAll(() => registry[Symbol.asyncDispose]())

describe('a failed system call is an error for the client, and the next attempt works', () => {
  const knowledge = new Knowledge()

  for (const { name, prepare, calls } of ATTEMPTS) {
    test.each(calls)(`${name}: %s`, (call) => failOneByOne(prepare, { thread: threadOf(call), call }))
    test(`${name}: catalog`, () => failOneByOne(prepare, { thread: 'MainThread', call: 'pwrite64' }))
  }

  /** The first such call of the request fails, then the second of another one, up to the last. */
  async function failOneByOne(prepare: Prepare, call: Omit<Call, 'nth'>): Promise<void> {
    let failures = 0
    for (const error of ['EIO', 'ENOSPC'] as const) {
      for (let nth = 1; await failsOn(prepare, { ...call, error, nth }); nth++) failures++
    }
    expect(failures).toBeGreaterThan(1)
  }

  /** Lets the nth call of a request fail; `false` where there was no such call. */
  async function failsOn(prepare: Prepare, failure: Failure): Promise<boolean> {
    const attempt = await prepare(client, knowledge, randomUUID())
    const trace = await injectFailure(registry.pid, failure)
    const error = await refusalOf(attempt.once())
    const hasFailed = wasInjected(await trace.end())
    if (error) {
      expect(hasFailed, String(error)).toBe(true)
      expectStorageRefusal(error, STATUS_OF[failure.error])
      await client.expect(200, 'GET', '/v2/')
      await verifyContent(client, knowledge, knowledge.takeUnchecked())
      await attempt.again()
    }
    await verifyContent(client, knowledge, knowledge.takeUnchecked())
    return hasFailed
  }

  test('a kill after all of them loses nothing and leaves nothing behind', async () => {
    await registry.kill()
    await registry.restart()
    await resumeUploads(client, knowledge)
    await verifyContent(client, knowledge, knowledge.all())
    expect(await registry.stop()).toBe(0)
    await expectTidy(registry.data)
    await registry.restart()
  })
})

describe('after a sync that failed, nothing is called durable that was not written again', () => {
  test('a chunk', async () => {
    const { bytes, digest } = blobOf('a chunk', 30_000)
    const path = await startUpload(client, 'faults/syncs')
    await client.expect(202, 'PATCH', path, chunkAt(0, bytes.slice(0, 10_000)))

    await using trace = await injectFailure(registry.pid, { ...POOL, call: 'fdatasync', nth: 1 })
    expectStorageRefusal(
      await refusalOf(client.expect(202, 'PATCH', path, chunkAt(10_000, bytes.slice(10_000)))),
      500,
    )
    await trace.end()

    expect(receivedIn(await client.expect(204, 'GET', path))).toBe(10_000)
    await client.expect(201, 'PUT', `${path}?digest=${digest}`, chunkAt(10_000, bytes.slice(10_000)))
  })

  test('a long chunk, of which only an early part failed', async () => {
    const { bytes, digest } = blobOf('a long chunk', 40 * 2 ** 20)
    const path = await startUpload(client, 'faults/syncs')

    await using trace = await injectFailure(registry.pid, { ...POOL, call: 'fdatasync', nth: 1 })
    expectStorageRefusal(await refusalOf(client.expect(202, 'PATCH', path, chunkAt(0, bytes))), 500)
    const calls = await trace.end()
    expect(calls.filter((line) => line.startsWith('fdatasync')).length).toBeGreaterThanOrEqual(1)

    expect(receivedIn(await client.expect(204, 'GET', path))).toBe(0)
    await client.expect(201, 'PUT', `${path}?digest=${digest}`, chunkAt(0, bytes))
  })

  test('the name of an upload', async () => {
    const { bytes, digest } = blobOf('a name', 30_000)
    const path = await startUpload(client, 'faults/syncs')

    await using failing = await injectFailure(registry.pid, { ...POOL, call: 'fsync', nth: 1 })
    expectStorageRefusal(await refusalOf(client.expect(202, 'PATCH', path, chunkAt(0, bytes))), 500)
    await failing.end()

    await using watching = await watch(registry.pid, ['fsync'], join(registry.data, 'uploads'))
    const received = receivedIn(await client.expect(204, 'GET', path))
    await client.expect(202, 'PATCH', path, chunkAt(received, bytes.slice(received)))
    expect(await watching.end()).toContainEqual(expect.stringMatching(/fsync\(.*= 0/))
    await client.expect(201, 'PUT', `${path}?digest=${digest}`)
  })

  test('the catalog', async () => {
    await using failing = await injectFailure(registry.pid, { ...POOL, call: 'fdatasync', nth: 2 })
    expectStorageRefusal(await refusalOf(pushBlob(client, 'faults/syncs', blobOf('refused', 100))), 500)
    await failing.end()

    await using watching = await watch(
      registry.pid,
      ['pwrite64', 'fsync', 'fdatasync'],
      join(registry.data, 'catalog.db'),
    )
    await pushBlob(client, 'faults/syncs', blobOf('accepted', 100))
    const calls = (await watching.end()).join()
    expect(calls, 'pages of the database are written, then synced').toMatch(/pwrite64\(.*sync\(/)
  })
})
