/**
 * What happens to one digest at the same moment: a push, a mount, deletions, an eviction, a download and a pull, each
 * stopped before any of its calls to the disk or the database while the others go on. It is the mutex by digest that
 * keeps disk and catalog in agreement.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Content, Disk } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'
import { type HeldPorts, holdPorts, type Schedule } from './held-ports.ts'

const CONTENT = Buffer.from('content')
const DIGEST = digestOf(CONTENT) as Digest
const HOUR = 3_600_000

/** Repositories: `pushed` and `mounted` are clients', `pulled` holds what came from peers. */
const REPOSITORIES = ['pushed', 'mounted', 'pulled'] as const
type Repository = (typeof REPOSITORIES)[number]

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.slice()
}

const push = (store: Store) => store.uploads.put('pushed', DIGEST, { bytes: once(CONTENT) })

async function download(store: Store): Promise<void> {
  const upload = await store.downloads.begin(DIGEST, { isResumable: false })
  try {
    await upload.append(once(CONTENT), { last: true })
    await store.downloads.commit(DIGEST, upload, {
      repositories: ['pulled'],
      sources: new Map([['peer', 7]]),
    })
  } catch (error) {
    await store.downloads.drop(DIGEST, upload)
    throw error
  }
}

interface Operation {
  run(store: Store): Promise<unknown>
  readonly adds?: Repository
  readonly removes?: Repository
  /** Eviction removes only what was there before, as what is added meanwhile is in use. */
  readonly isEviction?: true
}

const OPERATIONS = {
  push: { run: push, adds: 'pushed' },
  mount: { run: (store) => store.blobs.mount('mounted', DIGEST, undefined), adds: 'mounted' },
  download: { run: download, adds: 'pulled' },
  delete: { run: (store) => store.blobs.delete('pushed', DIGEST), removes: 'pushed' },
  deleteDownload: { run: (store) => store.blobs.delete('pulled', DIGEST), removes: 'pulled' },
  evict: { run: (store) => store.eviction.evict({ to: 0 }), removes: 'pulled', isEviction: true },
  pull: { run: (store) => store.blobs.get('pushed', DIGEST) },
} as const satisfies Record<string, Operation>

type Name = keyof typeof OPERATIONS
const NAMES = Object.keys(OPERATIONS) as Name[]

const STARTS = {
  'nowhere yet': async () => {},
  'pushed before': async (store: Store) => void (await push(store)),
  'downloaded before': download,
} satisfies Record<string, (store: Store) => Promise<void>>

type Start = keyof typeof STARTS

interface Registry {
  readonly plain: { readonly disk: Disk; readonly database: Database }
  readonly ports: HeldPorts
  readonly store: Store
}

async function openRegistry(start: Start): Promise<Registry> {
  const plain = { disk: createMemoryDisk(), database: await openSqliteInMemory() }
  const ports = holdPorts(plain.disk, plain.database)
  const store = await openStore(ports.disk, ports.database)
  await STARTS[start](store)
  vi.setSystemTime(Date.now() + 2 * HOUR) // what was downloaded before may be evicted
  return { plain, ports, store }
}

/** What must hold whatever the schedule was. */
async function check(
  { disk }: Registry['plain'],
  { catalog }: Store,
  results: ReadonlyMap<string, PromiseSettledResult<unknown>>,
  started: readonly Name[],
): Promise<void> {
  for (const result of results.values()) if (result.status === 'rejected') expectClientError(result.reason)
  const content = await disk.get(DIGEST)
  expect(content !== undefined, 'there is a file if, and only if, there is a row').toBe(
    await catalog.blobs.isHeld(DIGEST),
  )
  expect(await catalog.blobs.doubts(), 'digests in doubt').toEqual([])
  const pulled = results.get('pull')
  for (const each of [
    content,
    pulled?.status === 'fulfilled' ? (pulled.value as Content | undefined) : undefined,
  ])
    if (each) expect(await new Response(each.stream()).text()).toBe('content')
  for (const repository of REPOSITORIES) {
    const isServed = (await catalog.blobs.find(repository, DIGEST)) !== undefined
    if (isServed) expect(content, `the file that ${repository} serves`).toBeDefined()
    if (mustServe(repository, results, started)) expect(isServed, `served by ${repository}`).toBe(true)
  }
}

/** It was added to the repository, and nothing that may remove it there was started. */
const mustServe = (
  repository: Repository,
  results: ReadonlyMap<string, PromiseSettledResult<unknown>>,
  started: readonly Name[],
): boolean => {
  const has = (name: Name) => {
    const result = results.get(name)
    const { adds }: Operation = OPERATIONS[name]
    return adds === repository && result?.status === 'fulfilled' && result.value !== false
  }
  const mayRemove = (name: Name) => {
    const { removes, isEviction }: Operation = OPERATIONS[name]
    return removes === repository && !isEviction
  }
  return started.some(has) && !started.some(mayRemove)
}

/** Of a download whose blob was deleted meanwhile. */
function expectClientError(error: unknown): void {
  expect(error).toBeInstanceOf(RegistryError)
  expect((error as RegistryError).code).toBe('BLOB_UNKNOWN')
}

const bound = (store: Store, names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, () => OPERATIONS[name].run(store)]))

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }))
afterEach(() => void vi.useRealTimers())

/** Lets `first` make so many calls, then `second` as many as it can, then whichever is left. */
function interruptAfter(calls: number, first: string): Schedule & { readonly wasReached: () => boolean } {
  let made = 0
  const schedule = (operations: readonly string[]) => {
    const ofFirst = operations.indexOf(first)
    const ofSecond = operations.findIndex((operation) => operation !== first)
    if (ofSecond < 0 || (ofFirst >= 0 && made < calls)) {
      made++
      return ofFirst
    }
    return ofSecond
  }
  return Object.assign(schedule, { wasReached: () => made >= calls })
}

describe.each(Object.keys(STARTS) as Start[])('of a blob that is %s,', (start) => {
  const pairs = NAMES.flatMap((first) =>
    NAMES.filter((second) => second !== first).map((second) => [first, second] as const),
  )

  it.each(pairs)('%s, interrupted anywhere by %s', async (first, second) => {
    for (let calls = 0; ; calls++) {
      const { plain, ports, store } = await openRegistry(start)
      const schedule = interruptAfter(calls, first)
      const results = await ports.run(bound(store, [first, second]), schedule)
      await check(plain, store, results, [first, second])
      await plain.database.close()
      if (!schedule.wasReached()) return
    }
  })
})

const scenario = {
  start: fc.constantFrom(...(Object.keys(STARTS) as Start[])),
  names: fc.subarray(NAMES, { minLength: 3 }),
  choices: fc.array(fc.nat(), { minLength: 80, maxLength: 80 }),
}

const chosenBy = (choices: readonly number[], end = choices.length): Schedule => {
  let call = 0
  return (operations) => (call < end ? choices[call++ % choices.length]! % operations.length : undefined)
}

describe('any number of operations on one digest, in any order of their calls,', () => {
  it('leave disk and catalog in agreement', async () => {
    const property = fc.asyncProperty(scenario.start, scenario.names, scenario.choices, async (...drawn) => {
      const [start, names, choices] = drawn
      const { plain, ports, store } = await openRegistry(start)
      const results = await ports.run(bound(store, names), chosenBy(choices, Number.POSITIVE_INFINITY))
      await check(plain, store, results, names)
      await plain.database.close()
    })
    await fc.assert(property, { seed: 12, numRuns: 100 })
  })

  it('leave disk and catalog in agreement when the process is killed and started again', async () => {
    const property = fc.asyncProperty(
      scenario.start,
      scenario.names,
      scenario.choices,
      fc.nat(40),
      async (start, names, choices, end) => {
        const { plain, ports, store } = await openRegistry(start)
        const results = await ports.run(bound(store, names), chosenBy(choices, end))
        const restarted = await openStore(plain.disk, plain.database)
        await check(plain, restarted, results, names)
        expect(await Array.fromAsync(plain.disk.uploads()), 'uploads without a session').toEqual([])
        await plain.database.close()
      },
    )
    await fc.assert(property, { seed: 12, numRuns: 100 })
  })
})
