/**
 * Peers that lie, stall or die, as programs of their own: a registry among them gives its clients the right bytes or
 * none, keeps nothing false, and does not come back to the liar.
 */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Digest } from '../../../src/core/oci/digest.ts'
import { MAX_SPAN_LEAVES } from '../../../src/core/swarm/download/leaf-window.ts'
import { MIB } from '../../support/bytes.ts'
import { digestOf } from '../../support/digest.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'
import { make } from './content.ts'
import { expectTrueBlobs } from './data-folder.ts'
import { LIES, type Lie } from './lies.ts'
import { pull } from './pull.ts'
import { type RegistryPeer, startRegistryPeer, until } from './registry-peer.ts'
import { type ScriptedPeer, startScriptedPeers } from './scripted-peer.ts'

/** The first takes more ranges than are asked for at once: what follows a range is seen before all of it is here. */
const blobs = [
  { seed: 'first', size: 2 * MAX_SPAN_LEAVES * MIB + 12_345 },
  { seed: 'second', size: 2 * MIB },
  { seed: 'third', size: 12 * MIB + 1 },
]
const [first, second, third] = blobs.map((recipe) => digestOf(make(recipe))) as [Digest, Digest, Digest]
const REPOSITORY = 'library/app'

/** What the configuration of the tests allows: most of a case is waiting for peers that stall. */
const AT_A_TIME = 3

/** Milliseconds by which the honest peer lets the liar go ahead. */
const HEAD_START = 200

/** Bytes a second of the honest peer: the third blob takes twice as long as a peer may stall. */
const RATE = 6 * MIB

const environment = {
  REGISTRY_SWARM_STALL: '1s',
  // The honest one is found, however busy the machine.
  REGISTRY_SWARM_TIMEOUT: '2s',
  // Peers meet as the test says, and not by hearsay of one another.
  REGISTRY_SWARM_DHT_ENABLED: 'false',
  REGISTRY_LOG_LEVEL: 'debug',
}

/** Those that are no lies by HTTP, most of them because no byte is ever asked for. */
const NOT_BY_HTTP: readonly Lie[] = [
  'a root that is none',
  'a size beyond all measure',
  'leaves of another root',
  'a list that is too short',
  'a list that is too long',
  'a list without end',
  'a list that never comes',
  'answers of another kind',
  'no answers',
  'noise for an answer',
  'an answer without end',
  'an answer of a size beyond all measure',
  // A body of HTTP has its length; what follows is never read.
  'too many bytes',
  'bytes without end',
]

const lies = Object.keys(LIES) as Lie[]

interface Case {
  readonly lie: Lie
  readonly fetcher: string
  readonly http: boolean
}

const cases: readonly Case[] = [
  ...lies.map((lie) => ({ lie, fetcher: 'stream', http: false })),
  ...lies.filter((lie) => !NOT_BY_HTTP.includes(lie)).map((lie) => ({ lie, fetcher: 'http', http: true })),
]

/** Processes that the liars share: cases that run at the same time are in different ones. */
const PROCESSES = 4

/** One for each case that runs at a time. */
let honestPeers: ScriptedPeer[]
const liars = new Map<Case, ScriptedPeer>()
const processes = new AsyncDisposableStack()

beforeAll(async () => {
  await Promise.all([
    startHonestPeers(),
    ...Array.from({ length: PROCESSES }, (_, number) => startLiars(number)),
  ])
})

afterAll(() => processes.disposeAsync())

async function startHonestPeers(): Promise<void> {
  const script = { blobs, delay: HEAD_START, rate: RATE }
  const { peers } = processes.use(await startScriptedPeers(Array(AT_A_TIME).fill(script)))
  honestPeers = [...peers]
}

async function startLiars(number: number): Promise<void> {
  const mine = cases.filter(({ lie }, index) => lie !== 'death' && index % PROCESSES === number)
  const scripts = mine.map(({ lie, http }) => ({ blobs, lie, http }))
  const { peers } = processes.use(await startScriptedPeers(scripts))
  for (const [index, example] of mine.entries()) liars.set(example, peers[index]!)
}

/** One that dies takes its process with it. */
async function openLiar(example: Case): Promise<ScriptedPeer & AsyncDisposable> {
  const shared = liars.get(example)
  if (shared) return { ...shared, [Symbol.asyncDispose]: async () => {} }
  const { peers, kill } = await startScriptedPeers([{ ...example, blobs }])
  return { ...peers[0], [Symbol.asyncDispose]: kill }
}

function takeHonestPeer(): ScriptedPeer & Disposable {
  const honest = honestPeers.pop()!
  return { ...honest, [Symbol.dispose]: () => void honestPeers.push(honest) }
}

test.concurrent.each(cases)('$lie, by the fetcher $fetcher', async (example) => {
  const { lie } = example
  using honest = takeHonestPeer()
  await using folder = await openTemporaryFolder()
  const { path: data } = folder
  await using liar = await openLiar(example)

  // Without an honest peer the pull fails, and the liar is not asked again.
  {
    await using registry = await startRegistryPeer([liar.address], { environment, data })
    await registry.meet(liar.id)
    expect((await pull(registry.url, REPOSITORY, first)).outcome).toMatch(/^(refused|broken off)$/)
    await expectTrueBlobs(data)
    if (lie === 'no answers') await silenceNoticed(registry)
    await expectAside(liar, registry, async () => {
      expect(await pull(registry.url, REPOSITORY, second)).toEqual({ outcome: 'refused', status: 404 })
    })
    expect(await registry.stop()).toBe(0)
  }

  // Beside an honest peer, it keeps nobody from the right bytes, whatever it has left behind.
  await using next = await openLiar(example)
  await using registry = await startRegistryPeer([next.address, honest.address], { environment, data })
  await registry.meet(next.id, honest.id)
  await expectRight(registry, third)
  if (lie === 'no answers') await silenceNoticed(registry)
  const expectDealtWith = MAY_PASS.includes(lie) ? expectUse : expectAside
  await expectDealtWith(next, registry, async () => {
    // At once, since one that has merely failed is not aside for long.
    await Promise.all([expectRight(registry, first), expectRight(registry, second)])
  })
  await expectTrueBlobs(data)
  expect(await readdir(join(data, 'uploads'))).toEqual([])
})

/** One that says nothing at all may be waited for longer than a client waits. */
const silenceNoticed = (registry: RegistryPeer): Promise<void> =>
  until('it is put aside', async () => registry.output().includes('peer does not answer'))

/** It was asked something before, and is asked nothing while this is done. */
async function expectAside(
  peer: ScriptedPeer,
  registry: RegistryPeer,
  work: () => Promise<void>,
): Promise<void> {
  const id = await registry.id()
  const before = peer.questions(id)
  expect(before).toBeGreaterThan(0)
  await work()
  expect(peer.questions(id)).toBe(before)
}

/**
 * One that is merely slow is not a liar; nor is one that stalls, where the honest peer was asked for the rest before that
 * was noticed; nor one that never names its leaves, where the honest peer names the same; one whose only wrong leaf the
 * honest peer was asked for has not been caught yet. They may be asked again: others make it good.
 */
const MAY_PASS = ['a slow drip', 'a stall', 'a list that never comes', 'wrong bytes in the last place']

async function expectUse(_peer: ScriptedPeer, _registry: RegistryPeer, work: () => Promise<void>) {
  await work()
}

/** A first pull may break off, where what came first was false. A client's next one does not. */
async function expectRight(registry: RegistryPeer, digest: string): Promise<void> {
  const outcomes: string[] = []
  do outcomes.push((await pull(registry.url, REPOSITORY, digest)).outcome)
  while (outcomes.length < 3 && outcomes.at(-1) === 'broken off')
  expect(['right', 'broken off,right'], registry.output()).toContain(outcomes.join())
}
