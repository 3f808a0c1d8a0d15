/**
 * Serves blocks to IPFS peers. Helia's Bitswap is not used because it reads everything that a peer wants into memory before
 * it sends any of it: a message of 38 kB costs it 800 MiB. Here a message has one block or a few small ones, only a few
 * peers are sent to at a time, and a peer's next block is read when it has received the one before.
 */

import type { Stream } from '@libp2p/interface'
import type { Blockstore } from 'interface-blockstore'
import { varint } from 'multiformats'
import { toHex } from 'multiformats/bytes'
import { CID } from 'multiformats/cid'
import { delay } from '../../async/delay.ts'
import { createSemaphore } from '../../async/semaphore.ts'
import type { Log } from '../../log.ts'
import { peerFailed } from '../../oci/error.ts'
import type { PeerId } from '../../swarm/ports.ts'
import { sendAll } from '../stream.ts'
import { encodeBlockHead, encodeLength, encodePresence, NO_WANTS, type Want } from './message.ts'

/** Peers that are sent to at the same time, each a block of at most 1 MiB. */
const MAX_CONCURRENT_PEERS = 12

/** Of one peer, whose messages are not read while there are more. Helia sends up to 1024 by default. */
const MAX_WAITING_WANTS = 1024

/** A message is sent when it has this many bytes, or responds to this many wants. */
const FULL_MESSAGE_BYTES = 256 * 1024
const FULL_MESSAGE_WANTS = 64

/** A peer that does not receive a message within this time loses its wants. */
const SEND_TIMEOUT_MS = 20_000

export interface ServingDeps {
  readonly blockstore: Pick<Blockstore, 'has' | 'get'>
  open(peer: PeerId, signal: AbortSignal): Promise<Stream>
  onSent(peer: PeerId, bytes: number): void
  readonly log: Log
}

export interface Serving {
  /** Resolves when more wants of this peer can be accepted. */
  untilReady(peer: PeerId): Promise<void>
  want(peer: PeerId, wants: readonly Want[]): void
  /** Forgets the wants of this peer. */
  leave(peer: PeerId): void
  close(): void
}

interface Queue {
  /** By CID in hexadecimal, in the order in which they came. */
  readonly wants: Map<string, Want>
  readonly ended: PromiseWithResolvers<void>
  stream?: Stream
}

export function createServing({ blockstore, open, onSent, log }: ServingDeps): Serving {
  const queues = new Map<PeerId, Queue>()
  const slots = createSemaphore(MAX_CONCURRENT_PEERS)
  const closing = new AbortController()

  /** The response to one want; empty if the block is not here and the peer does not want to know that. */
  async function respondTo({ cid: bytes, isPresenceOnly, sendAbsence }: Want): Promise<Uint8Array[]> {
    try {
      const cid = CID.decode(bytes)
      if (isPresenceOnly && (await blockstore.has(cid))) return [encodePresence(bytes, true)]
      if (!isPresenceOnly) {
        const block: Uint8Array[] = []
        for await (const chunk of blockstore.get(cid)) block.push(chunk)
        return [encodeBlockHead(prefixOf(cid), lengthOf(block)), ...block]
      }
    } catch (error) {
      log.debug('block not sent', { err: error })
    }
    return sendAbsence ? [encodePresence(bytes, false)] : []
  }

  /** The responses of one message. */
  async function nextResponses({ wants }: Queue): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = []
    let count = 0
    for (const [key, want] of wants) {
      wants.delete(key)
      parts.push(...(await respondTo(want)))
      if (++count === FULL_MESSAGE_WANTS || lengthOf(parts) >= FULL_MESSAGE_BYTES) break
    }
    return parts
  }

  async function send(peer: PeerId, queue: Queue, responses: Uint8Array[]): Promise<void> {
    const message = [NO_WANTS, ...responses]
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(SEND_TIMEOUT_MS)])
    if (queue.stream?.writeStatus !== 'writable') queue.stream = await open(peer, signal)
    const { stream } = queue
    const giveUp = () => stream.abort(peerFailed('the peer does not receive blocks'))
    signal.addEventListener('abort', giveUp)
    try {
      const length = lengthOf(message)
      await sendAll(stream, each([encodeLength(length), ...message]), () => {})
      onSent(peer, length)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** Sends one message, or yields to other work after wants without a response. */
  async function sendNext(peer: PeerId, queue: Queue): Promise<void> {
    const responses = await nextResponses(queue)
    if (responses.length > 0) await send(peer, queue, responses)
    else await delay(0, closing.signal)
  }

  async function serve(peer: PeerId, queue: Queue): Promise<void> {
    queues.set(peer, queue)
    try {
      while (queue.wants.size > 0) await slots.run(() => sendNext(peer, queue), closing.signal)
    } catch (error) {
      log.debug('blocks not sent', { peer, err: error })
      queue.stream?.abort(error as Error)
    }
    queues.delete(peer)
    queue.ended.resolve()
    await queue.stream?.close({ signal: AbortSignal.timeout(SEND_TIMEOUT_MS) }).catch(() => {})
  }

  return {
    async untilReady(peer) {
      for (;;) {
        const queue = queues.get(peer)
        if (!queue || queue.wants.size < MAX_WAITING_WANTS) return
        await queue.ended.promise
      }
    },

    want(peer, wants) {
      const queue = queues.get(peer) ?? { wants: new Map(), ended: Promise.withResolvers<void>() }
      for (const want of wants) {
        if (want.isCancelled) queue.wants.delete(toHex(want.cid))
        else queue.wants.set(toHex(want.cid), want)
      }
      if (queue.wants.size > 0 && !queues.has(peer)) void serve(peer, queue)
    },

    leave: (peer) => queues.get(peer)?.wants.clear(),
    close: () => closing.abort(peerFailed('this peer is leaving the swarm')),
  }
}

/** The CID without its hash: version, codec, the hash's kind and length. */
function prefixOf({ version, code, multihash }: CID): Uint8Array {
  const numbers = [version, code, multihash.code, multihash.size]
  const prefix = new Uint8Array(numbers.reduce((sum, number) => sum + varint.encodingLength(number), 0))
  let at = 0
  for (const number of numbers) {
    varint.encodeTo(number, prefix, at)
    at += varint.encodingLength(number)
  }
  return prefix
}

const lengthOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, { length }) => sum + length, 0)

async function* each(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}
