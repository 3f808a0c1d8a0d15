/**
 * Who: peers that want a pull to take long. Each costs them a new key only.
 * Tries: to answer before the honest peer does, with whatever makes the registry wait for them: false lists of leaves
 * of the right size, one for all or one each, or true ones without the bytes; and to send next to nothing, or
 * nothing.
 * Gets: about a second, and then they are not asked again.
 */

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { digestOf } from '../../../support/digest.ts'
import { make } from '../../peers/content.ts'
import { HOSTAGES, type Lie } from '../../peers/lies.ts'
import { type RegistryPeer, startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { type ScriptedPeer, type ScriptedPeers, startScriptedPeers } from '../../peers/scripted-peer.ts'
import { record } from '../support/figures.ts'
import { ALONE, madeUp, timeToPull } from './support.ts'

const LAYER = { seed: 'layer', size: 8 * MIB }
const digest = digestOf(make(LAYER))

/** Milliseconds that the honest peer takes for each answer: a liar that wants to be first is. */
const FAR = 50

/** Milliseconds. It was a minute and more. */
const MAX_DELAY = 10_000

/** Bytes a second: 15 seconds a leaf. */
const SLOW = 70_000

interface Attack {
  readonly name: string
  readonly lie: Lie
  readonly liars: number
  readonly rate?: number
}

const attacks: readonly Attack[] = [
  { name: 'one with a false list, 15 s a leaf', lie: 'a false list', liars: 1, rate: SLOW },
  { name: 'one with a false list, 119 s a leaf', lie: 'a false list', liars: 1, rate: 8811 },
  ...(Object.keys(HOSTAGES) as Lie[]).map((lie) => ({ name: `one with ${lie}`, lie, liars: 1 })),
  { name: 'eight with one false list', lie: 'a false list', liars: 8, rate: SLOW },
  { name: 'eight with false lists of their own', lie: 'a false list of its own', liars: 8, rate: SLOW },
  { name: 'eight with the true list, and no bytes', lie: 'the true list, and no bytes', liars: 8 },
  { name: 'eight with the true list, late', lie: 'the true list, late', liars: 8 },
]

/** All in one process: the honest one first, then those of each attack. */
let scripted: ScriptedPeers<readonly ScriptedPeer[]>
const liarsOf = new Map<Attack, readonly ScriptedPeer[]>()

beforeAll(async () => {
  const scripts = attacks.map(({ lie, liars, rate }) =>
    Array(liars).fill({ blobs: [LAYER], lie, ...(rate && { rate }) }),
  )
  scripted = await startScriptedPeers([{ blobs: [LAYER], delay: FAR }, ...scripts.flat()])
  let first = 1
  for (const attack of attacks) {
    liarsOf.set(attack, scripted.peers.slice(first, first + attack.liars))
    first += attack.liars
  }
})

afterAll(() => scripted[Symbol.asyncDispose]())

test('nobody lies', async () => {
  record('hostage: nobody lies', { milliseconds: await timed([]) })
})

test.each(attacks)('$name', async (attack) => {
  const milliseconds = await timed(liarsOf.get(attack)!)
  record(`hostage: ${attack.name}`, { milliseconds })
  expect(milliseconds).toBeLessThan(MAX_DELAY)
})

async function timed(liars: readonly ScriptedPeer[]): Promise<number> {
  const peers = [...liars, scripted.peers[0]!]
  await using registry = await meeting(peers)
  return await timeToPull(registry, 'library/app', digest)
}

async function meeting(peers: readonly ScriptedPeer[]): Promise<RegistryPeer> {
  const addresses = peers.map(({ address }) => address)
  const registry = await startRegistryPeer(addresses, { environment: ALONE })
  await registry.meet(...peers.map(({ id }) => id))
  return registry
}

test('four that hold up as many downloads as there may be, beside others', async () => {
  const claims = Array.from({ length: 4 }, (_, number) => ({ digest: madeUp(`${number}`), size: 64 * MIB }))
  await using attackers = await startScriptedPeers(Array(4).fill({ blobs: [], claims, rate: SLOW }))
  await using registry = await meeting([...attackers.peers, scripted.peers[0]!])
  const leaving = new AbortController()
  for (const { digest } of claims) {
    const url = `${registry.url}/v2/library/app/blobs/${digest}`
    void fetch(url, { signal: leaving.signal }).catch(() => undefined)
  }
  await until('all four are under way', async () => {
    return (await readdir(join(registry.data, 'uploads'))).length === claims.length
  })

  const milliseconds = await timeToPull(registry, 'library/app', digest)
  record('four slow downloads beside one that is not', { milliseconds })
  expect(milliseconds).toBeLessThan(20_000)
  leaving.abort()
})
