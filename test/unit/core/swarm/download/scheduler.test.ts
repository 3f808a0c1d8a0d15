/** Which peer gives which leaf: the scheduler of one blob, over a network and a fetcher that the test makes. */
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import {
  LeafScheduler,
  type LeafSchedulerDeps,
  SourcesExhaustedError,
} from '../../../../../src/core/swarm/download/scheduler.ts'
import { createPeerBackoff } from '../../../../../src/core/swarm/lookup/peer-backoff.ts'
import type { RangeFetcher } from '../../../../../src/core/swarm/ports.ts'
import { createMemoryNetwork, type TestHandler } from '../../../../support/memory-network.ts'
import { bytesOf, digestOf, leavesOf, MIB } from '../seeder.ts'

const bytes = bytesOf(6.5 * MIB)
const digest: Digest = digestOf(bytes)
const claim = { size: bytes.length, leaves: leavesOf(bytes), root: 'root' }
const offer = { size: bytes.length, root: 'root' }

const hashLeaf = (leaf: Uint8Array) => ({ leaf, hash: createHash('sha256').update(leaf).digest() })

/** Grants a slot at once, for as many leaves as `available` says. */
const grants =
  (available = 7): TestHandler =>
  () => ({ value: { offer, instead: [] }, body: counts(available) })

/** Has us wait, and names others. */
const queues =
  (...instead: string[]): TestHandler =>
  () => ({ value: { offer, instead }, body: counts(0) })

async function* counts(...available: number[]): AsyncGenerator<Uint8Array> {
  for (const count of available) {
    const chunk = new Uint8Array(4)
    new DataView(chunk.buffer).setUint32(0, count)
    yield chunk
  }
  await new Promise(() => {})
}

function open(peers: Readonly<Record<string, TestHandler>>, fetch?: RangeFetcher['fetch']) {
  const network = createMemoryNetwork()
  for (const [peer, answer] of Object.entries(peers)) network.join(peer, answer)
  const received = new Map<string, number>()
  const backoff = createPeerBackoff()
  const fetcher: RangeFetcher = {
    name: 'memory',
    supports: () => true,
    fetch: fetch ?? ((_peer, _offer, _digest, { start, end }) => once(bytes.slice(start, end + 1))),
  }
  const deps: LeafSchedulerDeps = {
    network: network.join('me'),
    digest,
    claim,
    first: 0,
    fetchers: [fetcher],
    hashLeaf,
    backoff,
    stall: 1000,
    signal: new AbortController().signal,
    onLeaf: (peer, length) => received.set(peer, (received.get(peer) ?? 0) + length),
    onBytes() {},
  }
  return { network, backoff, received, scheduler: new LeafScheduler(deps) }
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array> {
  yield chunk
}

async function readAll(scheduler: LeafScheduler): Promise<Uint8Array> {
  return Buffer.concat(await Array.fromAsync(scheduler.leaves()))
}

const isSame = (actual: Uint8Array) => Buffer.compare(actual, bytes) === 0

let timers: ReturnType<typeof vi.spyOn>[] = []

beforeEach(() => {
  timers = [vi.spyOn(globalThis, 'setInterval'), vi.spyOn(globalThis, 'clearInterval')]
})
afterEach(() => void vi.restoreAllMocks())

it('gives all leaves in order, and counts which peer gave how many bytes', async () => {
  const { scheduler, received } = open({ one: grants(), two: grants() })
  for (const peer of ['one', 'two']) scheduler.add({ peer, offer })
  expect(isSame(await readAll(scheduler))).toBe(true)
  expect([...received.values()].reduce((sum, length) => sum + length)).toBe(bytes.length)
})

it('fails when no source is left, and blames the one that failed', async () => {
  const { scheduler, backoff } = open({ one: grants() }, async function* () {
    yield* []
    throw new Error('connection refused')
  })
  scheduler.add({ peer: 'one', offer })
  await expect(readAll(scheduler)).rejects.toThrow(SourcesExhaustedError)
  expect(backoff.blockOf('one')).toMatchObject({ fault: 'failed', reason: 'Error: connection refused' })
})

it('fails at once without any provider', async () => {
  await expect(readAll(open({}).scheduler)).rejects.toThrow(SourcesExhaustedError)
})

it('fetches from the alternatives that a busy provider names', async () => {
  const { scheduler, received, network } = open({ busy: queues('other'), other: grants() })
  scheduler.add({ peer: 'busy', offer })
  expect(isSame(await readAll(scheduler))).toBe(true)
  expect([...received]).toEqual([['other', bytes.length]])
  expect(network.requests).toEqual(['turn busy', 'turn other'])
})

it('fetches only leaves that a source has so far', async () => {
  const asked: number[] = []
  const { scheduler } = open({ busy: queues('other'), other: grants(2) }, (_peer, _offer, _, range) => {
    asked.push(range.end)
    return once(bytes.slice(range.start, range.end + 1))
  })
  scheduler.add({ peer: 'busy', offer })
  const leaves = scheduler.leaves()
  await leaves.next()
  await leaves.next()
  expect(Math.max(...asked)).toBe(2 * MIB - 1)
  await leaves.return(undefined)
})

it('does not fetch from an alternative that is getting another blob', async () => {
  const other: TestHandler = () => ({
    value: { offer: { ...offer, root: 'x' }, instead: [] },
    body: counts(7),
  })
  const { scheduler, received } = open({ busy: queues('other'), other })
  scheduler.add({ peer: 'busy', offer })
  expect(isSame(await readAll(scheduler))).toBe(true)
  expect([...received.keys()]).toEqual(['busy'])
})

it('stops its timers when it is closed, even if no leaf was read', () => {
  const { scheduler } = open({ one: grants() })
  scheduler.add({ peer: 'one', offer })
  scheduler.close()
  const [started, stopped] = timers
  expect(stopped!.mock.calls.length).toBeGreaterThanOrEqual(started!.mock.calls.length)
})
