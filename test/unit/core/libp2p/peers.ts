/** Peers of libp2p in the test's own process, over real TCP on loopback. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { SingleKadDHT } from '@libp2p/kad-dht'
import { tcp } from '@libp2p/tcp'
import { MemoryBlockstore } from 'blockstore-core'
import { MemoryDatastore } from 'datastore-core'
import { expect } from 'vitest'
import { configSchema } from '../../../../src/core/config.ts'
import { openPeer, type Peer, type PeerDeps } from '../../../../src/core/libp2p/peer.ts'
import { silentLog } from '../../../../src/core/log.ts'
import type { Network } from '../../../../src/core/swarm/ports.ts'
import type { RequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import type { OpenedNetworks } from '../../../contract/network.ts'

/** Open to the network, though that is loopback here. */
export const swarmSettings = (swarm: object = {}) =>
  configSchema.parse({ version: 0.1, storage: { inmemory: {} }, swarm: { reach: 'network', ...swarm } }).swarm

export const openTestPeer = async (parts: Partial<PeerDeps> = {}): Promise<Peer> =>
  openPeer({
    settings: swarmSettings(),
    privateKey: await generateKeyPair('Ed25519'),
    listen: ['/ip4/127.0.0.1/tcp/0'],
    transports: [tcp()],
    discovery: [],
    datastore: new MemoryDatastore(),
    blockstore: new MemoryBlockstore(),
    version: '0.0.0',
    log: silentLog,
    ...parts,
  })

export const addressOf = (peer: Peer): string => peer.helia.libp2p.getMultiaddrs()[0]!.toString()

export const answerNull: RequestHandler = async () => ({ value: null })

/** Each knows the first, and finds the others from there. */
export async function openTestNetworks(count: number): Promise<OpenedNetworks> {
  const answers = new Map<string, RequestHandler>()
  const peers: Peer[] = []
  for (let index = 0; index < count; index++) {
    const settings = swarmSettings({ bootstrap: peers.slice(0, 1).map(addressOf) })
    const peer = await openTestPeer({ settings })
    await peer.join((question, from, options) =>
      (answers.get(peer.network.self) ?? answerNull)(question, from, options),
    )
    peers.push(peer)
  }
  await Promise.all(peers.map((peer) => ready(peer, count - 1)))
  const leave = async (network: Network) => peers.find((peer) => peer.network === network)?.close()
  return {
    networks: peers.map(({ network }) => network),
    answerWith: (network, answer) => answers.set(network.self, answer),
    leave,
    close: async () => void (await Promise.all(peers.map((peer) => peer.close()))),
  }
}

async function ready({ network, helia }: Peer, others: number): Promise<void> {
  const { routingTable } = helia.libp2p.services['dht'] as SingleKadDHT
  await expect.poll(() => network.peers().length).toBe(others)
  await expect.poll(() => routingTable.size).toBe(others)
}
