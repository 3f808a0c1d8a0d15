/**
 * Bitswap: blocks to and from peers of IPFS at large. Our own registries have a protocol of their own, and use it only
 * towards others.
 *
 * @see https://specs.ipfs.tech/bitswap-protocol/
 */

import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Blockstore } from 'interface-blockstore'
import { createSemaphore } from '../../async/semaphore.ts'
import type { Log } from '../../log.ts'
import { peerFailed } from '../../oci/error.ts'
import type { PeerId } from '../../swarm/ports.ts'
import { type Receiver, readLength, readWhole } from '../../swarm/protocol/frame.ts'
import { createReceiver } from '../receiver.ts'
import { createFetching, type Fetching } from './fetching.ts'
import { BITSWAP, decodeMessage } from './message.ts'
import { createServing } from './serving.ts'

export interface BitswapParts {
  readonly libp2p: Libp2p
  readonly blockstore: Blockstore
  onSent(peer: PeerId, bytes: number): void
  readonly log: Log
}

export interface Bitswap extends Pick<Fetching, 'get'> {
  /** Those that are connected and speak it. */
  peers(): PeerId[]
  close(): Promise<void>
}

/** Streams of one connection. Helia opens one for each message, Kubo keeps one. */
const STREAMS = { maxInboundStreams: 64, maxOutboundStreams: 128 }

/** Bytes of a message of wants, of which this holds three times as many as a default Helia sends. */
const MAX_SMALL = 128 * 1024

/** Bytes of a message with blocks, which only come from peers that were asked for some; and how many are read at once. */
const MOST = 4 * 1024 * 1024 + MAX_SMALL
const MAX_LARGE_AT_ONCE = 8

/** Milliseconds from a message's first byte to its last. */
const TIMEOUT = 30_000

export async function openBitswap({ libp2p, blockstore, onSent, log }: BitswapParts): Promise<Bitswap> {
  const open = (peer: PeerId, signal: AbortSignal) =>
    libp2p.dialProtocol(peerIdFromString(peer), BITSWAP, { signal })
  const serving = createServing({ blockstore, open, onSent, log })
  const fetching = createFetching(open)
  const large = createSemaphore(MAX_LARGE_AT_ONCE)
  const closing = new AbortController()
  const speakers = new Set<PeerId>()

  async function readMessage(receiver: Receiver, first: number, peer: PeerId): Promise<Uint8Array> {
    const length = await readLength(receiver, fetching.awaits(peer) ? MOST : MAX_SMALL, first)
    const read = () => readWhole(receiver, length)
    return length > MAX_SMALL ? large.run(read, closing.signal) : read()
  }

  async function hear(stream: Stream, peer: PeerId): Promise<void> {
    const receiver = createReceiver(stream, MAX_SMALL)
    for (;;) {
      const first = await receiver.read(1)
      if (!first) return
      const timer = setTimeout(() => stream.abort(peerFailed('no message in time')), TIMEOUT)
      const bytes = await readMessage(receiver, first[0]!, peer).finally(() => clearTimeout(timer))
      await serving.room(peer)
      const message = decodeMessage(bytes)
      serving.want(peer, message.wants)
      await fetching.receive(peer, message)
    }
  }

  async function handle(stream: Stream, { remotePeer }: Connection): Promise<void> {
    const peer = remotePeer.toString()
    try {
      stream.close().catch(() => {}) // answers go on streams of their own
      await hear(stream, peer)
    } catch (error) {
      log.debug('no message of Bitswap', { peer, err: error })
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
      closing.abort(peerFailed('this peer leaves'))
      serving.close()
    },
  }
}
