/**
 * Bitswap: exchanges blocks with IPFS peers. Registries have their own protocol, and use Bitswap only with others.
 *
 * @see https://specs.ipfs.tech/bitswap-protocol/
 */
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Blockstore } from 'interface-blockstore'
import { createSemaphore } from '../../async/semaphore.ts'
import type { Log } from '../../log.ts'
import { peerFailed } from '../../oci/error.ts'
import type { IpfsBlocks, Network, PeerId } from '../../swarm/ports.ts'
import { type Receiver, readLength, readWhole } from '../../swarm/protocol/frame.ts'
import { createReceiver } from '../stream.ts'
import { BITSWAP_PROTOCOL, type Traffic } from '../traffic.ts'
import { createFetching, type Fetching } from './fetching.ts'
import { BITSWAP, decodeMessage } from './message.ts'
import { createServing } from './serving.ts'

export interface BitswapDeps {
  readonly libp2p: Libp2p
  readonly blockstore: Blockstore
  onSent(peer: PeerId, bytes: number): void
  readonly log: Log
}

export interface Bitswap extends Pick<Fetching, 'get'> {
  /** The peers that are connected and speak Bitswap. */
  peers(): PeerId[]
  close(): Promise<void>
}

/** Streams of one connection. Helia opens one for each message, Kubo keeps one. */
const STREAMS = { maxInboundStreams: 64, maxOutboundStreams: 128 }

/** Of a message without blocks. This is enough for three times as many wants as Helia sends by default. */
const MAX_SMALL_BYTES = 128 * 1024

/** Of a message with blocks. It is only accepted from peers that were asked for some. */
const MAX_LARGE_BYTES = 4 * 1024 * 1024 + MAX_SMALL_BYTES

/** Large messages that are read at the same time. */
const MAX_LARGE_MESSAGES = 8

/** From a message's first byte to its last. */
const MESSAGE_TIMEOUT_MS = 30_000

export async function openBitswap({ libp2p, blockstore, onSent, log }: BitswapDeps): Promise<Bitswap> {
  const open = (peer: PeerId, signal: AbortSignal) =>
    libp2p.dialProtocol(peerIdFromString(peer), BITSWAP, { signal })
  const serving = createServing({ blockstore, open, onSent, log })
  const fetching = createFetching(open)
  const large = createSemaphore(MAX_LARGE_MESSAGES)
  const closing = new AbortController()
  const speakers = new Set<PeerId>()

  async function readMessage(receiver: Receiver, first: number, peer: PeerId): Promise<Uint8Array> {
    const length = await readLength(
      receiver,
      fetching.awaits(peer) ? MAX_LARGE_BYTES : MAX_SMALL_BYTES,
      first,
    )
    const read = () => readWhole(receiver, length)
    return length > MAX_SMALL_BYTES ? large.run(read, closing.signal) : read()
  }

  async function readMessages(stream: Stream, peer: PeerId): Promise<void> {
    const receiver = createReceiver(stream, MAX_SMALL_BYTES)
    for (;;) {
      const first = await receiver.read(1)
      if (!first) return
      const timer = setTimeout(
        () => stream.abort(peerFailed('the message did not arrive in time')),
        MESSAGE_TIMEOUT_MS,
      )
      const bytes = await readMessage(receiver, first[0]!, peer).finally(() => clearTimeout(timer))
      await serving.untilReady(peer)
      const message = decodeMessage(bytes)
      serving.want(peer, message.wants)
      await fetching.receive(peer, message)
    }
  }

  async function handle(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const peer = remotePeer.toString()
    try {
      stream.close().catch(() => {}) // responses are sent on other streams
      await readMessages(stream, peer)
    } catch (error) {
      log.debug('the stream carried no valid Bitswap message', { peer, err: error })
      stream.abort(error as Error)
    }
  }

  await libp2p.handle(BITSWAP, handle, STREAMS)
  const topology = await libp2p.register(BITSWAP, {
    onConnect: (peer) => void speakers.add(peer.toString()),
    onDisconnect(peer) {
      speakers.delete(peer.toString())
      serving.leave(peer.toString())
      fetching.leave(peer.toString())
    },
  })

  return {
    peers: () => [...speakers],
    get: fetching.get,
    async close() {
      libp2p.unregister(topology)
      await libp2p.unhandle(BITSWAP)
      closing.abort(peerFailed('this peer is leaving the swarm'))
      serving.close()
    },
  }
}

export interface IpfsBlocksDeps {
  readonly bitswap: Bitswap
  readonly network: Pick<Network, 'peers'>
  readonly traffic: Traffic
}

export const createIpfsBlocks = ({ bitswap, network, traffic }: IpfsBlocksDeps): IpfsBlocks => ({
  peers() {
    const registries = new Set(network.peers())
    return bitswap.peers().filter((peer) => !registries.has(peer))
  },

  async get(peer, hash, options) {
    const block = await bitswap.get(peer, hash, options)
    traffic.add(peer, BITSWAP_PROTOCOL, 'received', block.length)
    return block
  },
})
