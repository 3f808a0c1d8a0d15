/** Who connects to whom, and comes back after a loss. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { type PeerInfo, peerDiscoverySymbol } from '@libp2p/interface'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryDatastore } from 'datastore-core'
import { afterEach, expect, it } from 'vitest'
import type { Peer, PeerDeps } from '../../../../src/core/libp2p/peer.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { addressOf, answerNull, openTestPeer, swarmSettings } from './peers.ts'

const PATIENCE = { timeout: 20_000 }

const opened: Peer[] = []

afterEach(() => Promise.all(opened.splice(0).map((peer) => peer.close())))

async function open(parts: Partial<PeerDeps> = {}): Promise<Peer> {
  const peer = await openTestPeer(parts)
  opened.push(peer)
  await peer.join(answerNull)
  return peer
}

const knowing = (...peers: Peer[]) => ({ settings: swarmSettings({ bootstrap: peers.map(addressOf) }) })

const expectPeers = (peer: Peer, others: readonly Peer[]) =>
  expect
    .poll(() => [...peer.network.peers()].sort(), PATIENCE)
    .toEqual(others.map(({ network }) => network.self).sort())

it('connects again when connections are cut', async () => {
  const one = await open()
  const other = await open(knowing(one))
  await expectPeers(one, [other])
  const { libp2p } = one.helia
  const cut = libp2p.getConnections()
  for (const connection of cut) connection.abort(new Error('cut'))
  await expect.poll(() => libp2p.getConnections().some((now) => !cut.includes(now)), PATIENCE).toBe(true)
  await expectPeers(one, [other])
  await expectPeers(other, [one])
})

it('connects again to a peer that comes back at the same address', async () => {
  const privateKey = await generateKeyPair('Ed25519')
  const one = await open({ privateKey })
  const other = await open(knowing(one))
  await expectPeers(other, [one])
  const listen = [addressOf(one).replace(/\/p2p\/.*/, '')]
  await one.close()
  await expectPeers(other, [])
  const again = await open({ privateKey, listen })
  await expectPeers(other, [again])
})

it('connects to the peers from before a restart, though they are not configured', async () => {
  const lasting = { privateKey: await generateKeyPair('Ed25519'), datastore: new MemoryDatastore() }
  const one = await open()
  const other = await open({ ...lasting, ...knowing(one) })
  await expectPeers(one, [other])
  await expectPeers(other, [one])
  await other.close()
  await expectPeers(one, [])
  for await (const { key } of one.helia.datastore.query({ prefix: '/peers' }))
    await one.helia.datastore.delete(key)
  const again = await open(lasting)
  await expectPeers(again, [one])
})

it('finds the peers of its peers', async () => {
  const first = await open()
  const others = [await open(knowing(first)), await open(knowing(first)), await open(knowing(first))]
  for (const other of others) await expectPeers(other, [first, ...others.filter((peer) => peer !== other)])
})

it('dials a peer that is found after a thousand that are not there, and before it has joined', async () => {
  const routing = new Finder()
  const there = await open()
  const peer = await openTestPeer({ discovery: [() => routing as never] })
  opened.push(peer)
  const early = await open()
  routing.tell(early)
  await peer.join(answerNull)
  await expectPeers(peer, [early])
  for (let number = 0; number < 1000; number++) await routing.invent(number)
  const start = performance.now()
  routing.tell(there)
  await expect.poll(() => peer.network.peers(), PATIENCE).toContain(there.network.self)
  expect(performance.now() - start).toBeLessThan(5000)
})

it('keeps only useful peers across a restart', async () => {
  const datastore = new MemoryDatastore()
  const one = await open({ datastore })
  const useful = await open(knowing(one))
  const useless = await open(knowing(one))
  await expectPeers(one, [useful, useless])
  one.network.reward?.(useful.network.self)
  const kept = async () =>
    (await Array.fromAsync(datastore.query({ prefix: '/peers' }))).map(({ key }) => `${key}`)
  await expect.poll(kept).toEqual([`/peers/${useful.helia.libp2p.peerId.toCID()}`])
})

it('logs addresses without a peer id, and does not dial them', async () => {
  const warnings: string[] = []
  const log = { ...silentLog, warn: (message: string) => void warnings.push(message) }
  const one = await open()
  const address = addressOf(one).replace(/\/p2p\/.*/, '')
  const peer = await open({ log, settings: swarmSettings({ bootstrap: [address, '/no/address'] }) })
  expect(warnings).toHaveLength(2)
  expect(peer.helia.libp2p.getDialQueue()).toEqual([])
})

it('dials nobody before it joins, and then responds to earlier requests', async () => {
  const one = await open()
  const other = await openTestPeer(knowing(one))
  opened.push(other)
  expect(other.helia.libp2p.getDialQueue()).toEqual([])
  await one.helia.libp2p.dial(multiaddr(addressOf(other)))
  await expectPeers(one, [other])
  const asked = one.network.request(other.network.self, {}, { signal: AbortSignal.timeout(20_000) })
  await other.join(async () => ({ value: 'well' }))
  expect((await asked).value).toBe('well')
})

/** A way to find peers that finds what it is told to. */
class Finder extends EventTarget {
  readonly [peerDiscoverySymbol] = this

  tell({ helia: { libp2p } }: Peer): void {
    this.#dispatch({ id: libp2p.peerId, multiaddrs: libp2p.getMultiaddrs() })
  }

  /** On hosts where nobody answers; of eight each, which is more than their share. */
  async invent(number: number): Promise<void> {
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    this.#dispatch({ id, multiaddrs: [multiaddr(`/ip4/198.51.100.${number % 125}/tcp/9`)] })
  }

  #dispatch(detail: PeerInfo): void {
    this.dispatchEvent(new CustomEvent('peer', { detail }))
  }
}
