/**
 * Gives blocks to peers of IPFS at large. Apart from Helia's Bitswap because that one reads all that a peer wants into
 * memory before it sends any of it: a message of 38 kB costs it 800 MiB. Here a message holds one block or a few small
 * ones, a few peers are sent to at a time, and nobody's next block is read before he has taken the one before.
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
import { sendAll } from '../sender.ts'
import { encodeBlockHead, encodeLength, encodePresence, NO_WANTS, type Want } from './message.ts'

/** Peers that are sent to at one time, each a block of 1 MiB or less. */
const MAX_AT_ONCE = 12

/** Wants of one peer that wait; it is not listened to while there are more. A default Helia wants 1024 at once. */
const MAX_WAITING = 1024

/** A message is sent when it is this long, in bytes, or answers so many wants. */
const LONG = 256 * 1024
const MANY = 64

/** Milliseconds in which a peer must take a message; one that does not loses what it wanted, and its place. */
const TIMEOUT = 20_000

export interface ServingParts {
  readonly blockstore: Pick<Blockstore, 'has' | 'get'>
  open(peer: PeerId, signal: AbortSignal): Promise<Stream>
  onSent(peer: PeerId, bytes: number): void
  readonly log: Log
}

export interface Serving {
  /** Resolves when this peer may want more. */
  room(peer: PeerId): Promise<void>
  want(peer: PeerId, wants: readonly Want[]): void
  /** Forgets what this peer wanted. */
  leave(peer: PeerId): void
  close(): void
}

interface Queue {
  /** By their CIDs in hexadecimal, the first first. */
  readonly wants: Map<string, Want>
  readonly ended: PromiseWithResolvers<void>
  stream?: Stream
}

export function createServing({ blockstore, open, onSent, log }: ServingParts): Serving {
  const queues = new Map<PeerId, Queue>()
  const slots = createSemaphore(MAX_AT_ONCE)
  const closing = new AbortController()

  /** What a message says of one want; nothing where the block is not here, and nobody asked for that. */
  async function answer({ cid: bytes, isQuestion, sendAbsence }: Want): Promise<Uint8Array[]> {
    try {
      const cid = CID.decode(bytes)
      if (isQuestion && (await blockstore.has(cid))) return [encodePresence(bytes, true)]
      if (!isQuestion) {
        const block: Uint8Array[] = []
        for await (const chunk of blockstore.get(cid)) block.push(chunk)
        return [encodeBlockHead(prefixOf(cid), lengthOf(block)), ...block]
      }
    } catch (error) {
      log.debug('block not sent', { err: error })
    }
    return sendAbsence ? [encodePresence(bytes, false)] : []
  }

  /** Those of one message. */
  async function nextAnswers({ wants }: Queue): Promise<Uint8Array[]> {
    const parts: Uint8Array[] = []
    let count = 0
    for (const [key, want] of wants) {
      wants.delete(key)
      parts.push(...(await answer(want)))
      if (++count === MANY || lengthOf(parts) >= LONG) break
    }
    return parts
  }

  async function send(peer: PeerId, queue: Queue, answers: Uint8Array[]): Promise<void> {
    const message = [NO_WANTS, ...answers]
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(TIMEOUT)])
    if (queue.stream?.writeStatus !== 'writable') queue.stream = await open(peer, signal)
    const { stream } = queue
    const giveUp = () => stream.abort(peerFailed('the peer takes no blocks'))
    signal.addEventListener('abort', giveUp)
    try {
      const length = lengthOf(message)
      await sendAll(stream, each([encodeLength(length), ...message]), () => {})
      onSent(peer, length)
    } finally {
      signal.removeEventListener('abort', giveUp)
    }
  }

  /** One message, or as much work as one; others get their turn then, also those that ask by HTTP. */
  async function takeTurn(peer: PeerId, queue: Queue): Promise<void> {
    const answers = await nextAnswers(queue)
    if (answers.length > 0) await send(peer, queue, answers)
    else await delay(0, closing.signal)
  }

  async function serve(peer: PeerId, queue: Queue): Promise<void> {
    queues.set(peer, queue)
    try {
      while (queue.wants.size > 0) await slots.run(() => takeTurn(peer, queue), closing.signal)
    } catch (error) {
      log.debug('blocks not sent', { peer, err: error })
      queue.stream?.abort(error as Error)
    }
    queues.delete(peer)
    queue.ended.resolve()
    await queue.stream?.close({ signal: AbortSignal.timeout(TIMEOUT) }).catch(() => {})
  }

  return {
    async room(peer) {
      for (;;) {
        const queue = queues.get(peer)
        if (!queue || queue.wants.size < MAX_WAITING) return
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
    close: () => closing.abort(peerFailed('this peer leaves')),
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
