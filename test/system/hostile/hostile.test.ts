/** Bad requests of all kinds do no harm: each gets a right answer, and the registry stays as it was. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../../src/core/oci/error.ts'
import { run } from '../../support/command.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts'
import { type Answer, parseAnswers } from './answer.ts'
import { exchange, serialize } from './exchange.ts'
import type { Row } from './row.ts'
import { createSandbox, type Sandbox, SECRET } from './sandbox.ts'
import { startUpload, store } from './stored.ts'
import { TABLES } from './tables.ts'

const ROWS = Object.values(TABLES).flat()

/** Lets little garbage lie, so that the level of memory shows. What needs more would end the process. */
const SMALL_HEAP = '--max-old-space-size=128 --max-semi-space-size=4'

/** In bytes. Four passes send 600 MiB, of which a leak of a tenth shows; garbage alone moves the level by half of it. */
const MAX_GROWTH = 60 * 2 ** 20

const DELETIONS = 'version: 0.1\nstorage:\n  delete:\n    enabled: true\n'

let folder: TemporaryFolder
let sandbox: Sandbox
let registry: RegistryProcess
let outside: string[]

beforeAll(async () => {
  folder = await openTemporaryFolder()
  sandbox = await createSandbox(folder.path)
  registry = await startRegistry({
    data: sandbox.data,
    config: DELETIONS,
    environment: { NODE_OPTIONS: SMALL_HEAP },
  })
  await store(registry.url)
  outside = await sandbox.outside()
}, 60_000)

afterAll(async () => {
  await registry[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
}, 60_000)

it('there are hundreds of them', () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(300)
})

describe.each(Object.entries(TABLES))('%s', (_, rows) => {
  it.each(rows)('$title', async (row) => {
    for (const answer of await send(row)) check(answer, row)
    expect((await fetch(`${registry.url}/v2/`)).status).toBe(200)
  })
})

describe('after all of them', () => {
  it('nothing was written outside the data folder', async () => {
    expect(await sandbox.outside()).toEqual(outside)
  })

  it('nothing in the data folder has a name that a client chose', async () => {
    expect(await sandbox.unexpected()).toEqual([])
  })

  it('the registry has had no failure', () => {
    expect(registry.output()).not.toMatch(/ERROR|"level":"error"/)
  })

  it('memory does not grow with their number', async () => {
    const before = await memoryOf(registry.pid)
    let growth = 0
    // Garbage lies at one moment and not at another; of a leak there is only more.
    for (let pass = 1; pass <= 4 || (pass <= 8 && growth >= MAX_GROWTH); pass++) {
      for (const row of ROWS) await send(row)
      growth = (await memoryOf(registry.pid)) - before
    }
    expect(growth).toBeLessThan(MAX_GROWTH)
  }, 300_000)
})

async function send(row: Row): Promise<Answer[]> {
  const port = Number(new URL(registry.url).port)
  if ('bytes' in row) {
    const received = await exchange(port, row.bytes, row.mayBeSilent ? 'soon' : undefined)
    const answers = parseAnswers(received, 'GET')
    if (!row.mayBeSilent) expect(answers, row.title).toHaveLength(row.answers ?? 1)
    return answers
  }
  const upload = row.target.includes('{upload}') ? await startUpload(registry.url) : ''
  const target = row.target.replace('{upload}', upload).replace('{sandbox}', folder.path)
  const bytes = serialize({ ...row, target })
  const received = await exchange(port, [bytes], row.isUnfinished ? 'when answered' : undefined)
  const answers = parseAnswers(received, row.method ?? 'GET')
  expect(answers, row.title).toHaveLength(1)
  return answers
}

function check(answer: Answer, row: Row): void {
  const body = answer.body.toString()
  expect(answer.status, body.slice(0, 1_000)).toBeOneOf([...row.statuses])
  expect(body).not.toContain(SECRET)
  expect([...answer.headers.keys()]).not.toContain('x-injected')
  const isOfParser = 'bytes' in row && body === ''
  const isHead = 'method' in row && row.method === 'HEAD'
  if (!isOfParser) expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  if (answer.status >= 400 && !isOfParser && !isHead) checkEnvelope(answer, row)
}

function checkEnvelope(answer: Answer, row: Row): void {
  expect(answer.headers.get('content-type')).toBe('application/json')
  const { errors } = JSON.parse(answer.body.toString())
  expect(errors).not.toEqual([])
  for (const { code, message } of errors) {
    expect(code).toBeOneOf(Object.keys(ERROR_CODES))
    expect(message).toBeTypeOf('string')
  }
  if (row.code) expect(errors[0].code).toBe(row.code)
}

/** Resident set size of a process in bytes. */
async function memoryOf(pid: number): Promise<number> {
  return Number(await run('ps', ['-o', 'rss=', '-p', String(pid)])) * 1024
}
