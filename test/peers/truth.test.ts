/**
 * Peers that lie, stall or die, as programs of their own: a registry among them gives its clients the right bytes or
 * none, keeps nothing false, and does not come back to the liar.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Digest } from '../../src/core/oci/digest.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'
import { digestOf, MIB, make } from './content.ts'
import { expectTrueBlobs } from './data-folder.ts'
import { LIES, type Lie } from './lies.ts'
import { pull } from './pull.ts'
import { type RegistryPeer, startRegistryPeer } from './registry-peer.ts'
import { type ScriptedPeer, startScriptedPeers } from './scripted-peer.ts'

const blobs = [
  { seed: 'first', size: 6 * MIB + 12_345 },
  { seed: 'second', size: 3 * MIB },
  { seed: 'third', size: 8 * MIB + 1 },
]
const [first, second, third] = blobs.map((recipe) => digestOf(make(recipe))) as [Digest, Digest, Digest]
const REPOSITORY = 'library/app'

/** What the configuration of the tests allows: most of a case is waiting for peers that stall. */
const AT_A_TIME = 2

/** Milliseconds by which the honest peer lets the liar go ahead. */
const HEAD_START = 100

/** Bytes a second of the honest peer: the third blob takes longer than a peer may stall. */
const RATE = 6 * MIB

/** Milliseconds until one that says nothing at all is put aside, which may be longer than a client waits. */
const SILENCE = 3000

const environment = {
  REGISTRY_SWARM_STALL: '1s',
  // Peers meet as the test says, and not by hearsay of one another.
  REGISTRY_SWARM_DHT_ENABLED: 'false',
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
const cases = [
  ...lies.map((lie) => ({ lie, road: 'stream', http: false })),
  ...lies.filter((lie) => !NOT_BY_HTTP.includes(lie)).map((lie) => ({ lie, road: 'http', http: true })),
]

/** One for each case that runs at a time. */
let honestPeers: ScriptedPeer[]
let stop: () => Promise<void>

beforeAll(async () => {
  const script = { blobs, delay: HEAD_START, rate: RATE }
  const { peers, kill } = await startScriptedPeers(Array(AT_A_TIME).fill(script))
  honestPeers = [...peers]
  stop = kill
})

afterAll(() => stop())

function takeHonestPeer(): ScriptedPeer & Disposable {
  const honest = honestPeers.pop()!
  return { ...honest, [Symbol.dispose]: () => void honestPeers.push(honest) }
}

test.concurrent.each(cases)('$lie, by the road $road', async ({ lie, http }) => {
  using honest = takeHonestPeer()
  await using folder = await openTemporaryFolder()
  const { path: data } = folder
  await using liars = await startScriptedPeers([{ blobs, lie, http }])
  const [liar] = liars.peers

  // Alone, it brings nobody anything, and is not asked again.
  {
    await using registry = await startRegistryPeer([liar.address], { environment, data })
    await registry.meet(liar.id)
    expect((await pull(registry.url, REPOSITORY, first)).outcome).toMatch(/^(refused|broken off)$/)
    await expectTrueBlobs(data)
    if (lie === 'no answers') await sleep(SILENCE)
    await expectAside(liar, registry, async () => {
      expect(await pull(registry.url, REPOSITORY, second)).toEqual({ outcome: 'refused', status: 404 })
    })
    expect(await registry.stop()).toBe(0)
  }

  // Beside an honest peer, it keeps nobody from the right bytes, whatever it has left behind.
  await using more = await startScriptedPeers(lie === 'death' ? [{ blobs, lie, http }] : [])
  const [next = liar] = more.peers as readonly ScriptedPeer[]
  await using registry = await startRegistryPeer([next.address, honest.address], { environment, data })
  await registry.meet(next.id, honest.id)
  await expectRight(registry, third)
  if (lie === 'no answers') await sleep(SILENCE)
  const expectDealtWith = MAY_PASS.includes(lie) ? expectUse : expectAside
  await expectDealtWith(next, registry, async () => {
    await expectRight(registry, first)
    await expectRight(registry, second)
  })
  await expectTrueBlobs(data)
  expect(await readdir(join(data, 'uploads'))).toEqual([])
})

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
 * One that is merely slow is no liar; one whose only wrong leaf the honest peer was asked for has not been caught yet.
 * Either may be asked again: others make it good.
 */
const MAY_PASS = ['a slow drip', 'wrong bytes in the last place']

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
