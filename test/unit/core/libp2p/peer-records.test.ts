/** What is remembered of other peers has a bound, in memory and on the disk. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { MemoryDatastore } from 'datastore-core'
import { Key } from 'interface-datastore'
import { expect, it } from 'vitest'
import { LruDatastore, openPeerRecords } from '../../../../src/core/libp2p/peer-records.ts'

const RECORD = new Uint8Array([1, 2, 3])

const makePeer = async (): Promise<PeerId> => peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
const makePeers = (count: number) => Promise.all(Array.from({ length: count }, makePeer))
const keyOf = (peer: PeerId) => new Key(`/peers/${peer.toCID()}`)

async function count(datastore: { queryKeys: MemoryDatastore['queryKeys'] }): Promise<number> {
  let total = 0
  for await (const _ of datastore.queryKeys({ prefix: '/peers' })) total += 1
  return total
}

it('in memory, the least recent go, but none that is in use', async () => {
  const [used, ...others] = await makePeers(5000)
  const { datastore } = await openPeerRecords(new MemoryDatastore(), () => [used!])
  for (const peer of [used!, ...others]) await datastore.put(keyOf(peer), RECORD)
  expect(await count(datastore)).toBeLessThanOrEqual(4096)
  expect(await count(datastore)).toBeGreaterThan(3800)
  expect(await datastore.has(keyOf(used!))).toBe(true)
  expect(await datastore.has(keyOf(others.at(-1)!))).toBe(true)
  expect(await datastore.has(keyOf(others[0]!))).toBe(false)
})

it('a record that grew too large is forgotten', () => {
  const records = new LruDatastore({ maxRecords: 2, maxRecordBytes: 3, pinned: () => new Set() })
  records.put(new Key('/one'), RECORD)
  records.put(new Key('/one'), new Uint8Array(4))
  expect(records.has(new Key('/one'))).toBe(false)
})

it('the disk has only the records that are kept, the latest of them', async () => {
  const lasting = new MemoryDatastore()
  const peers = await makePeers(300)
  const { datastore, keep } = await openPeerRecords(lasting, () => [])
  for (const peer of peers) await datastore.put(keyOf(peer), RECORD)
  expect(await count(lasting)).toBe(0)
  for (const peer of peers) await keep(peer)
  expect(await count(lasting)).toBe(256)
  expect(lasting.has(keyOf(peers[0]!))).toBe(false)
  const again = await openPeerRecords(lasting, () => [])
  expect(again.kept.map(String)).toContain(String(peers.at(-1)))
  expect(again.isKept(`${peers.at(-1)}`)).toBe(true)
  expect(await again.datastore.has(keyOf(peers.at(-1)!))).toBe(true)
})

it('what is on the disk beyond the bound goes at the start', async () => {
  const lasting = new MemoryDatastore()
  for (const peer of await makePeers(300)) lasting.put(keyOf(peer), RECORD)
  await openPeerRecords(lasting, () => [])
  expect(await count(lasting)).toBe(256)
})
