/** Asks peers of IPFS at large for blocks: one want a question, so that a block that is not needed is not on its way. */

import type { Stream } from '@libp2p/interface'
import { toHex } from 'multiformats/bytes'
import { CID } from 'multiformats/cid'
import { orAborted } from '../../async/abortable.ts'
import { leafCid } from '../../dag/dag.ts'
import { peerFailed } from '../../oci/error.ts'
import type { PeerId } from '../../swarm/ports.ts'
import { encodeLength, encodeWant, type Message } from './message.ts'

export interface Fetching {
  /** A block by its sha-256, in a buffer of its own. @throws UNAVAILABLE where the peer does not have it */
  get(peer: PeerId, hash: Uint8Array, options: { readonly signal: AbortSignal }): Promise<Uint8Array>
  /** Whether blocks of this peer are waited for. */
  awaits(peer: PeerId): boolean
  /** What of a message was waited for. */
  receive(peer: PeerId, message: Message): Promise<void>
  /** Nothing will come from this peer. */
  leave(peer: PeerId): void
}

type Waiter = PromiseWithResolvers<Uint8Array>

export function createFetching(open: (peer: PeerId, signal: AbortSignal) => Promise<Stream>): Fetching {
  /** By the peer, and by the hash in hexadecimal. */
  const waiting = new Map<PeerId, Map<string, Set<Waiter>>>()

  function wait(peer: PeerId, hash: string): Waiter {
    const ofPeer = waiting.get(peer) ?? new Map<string, Set<Waiter>>()
    const waiter = Promise.withResolvers<Uint8Array>()
    waiter.promise.catch(() => {})
    waiting.set(peer, ofPeer.set(hash, (ofPeer.get(hash) ?? new Set()).add(waiter)))
    return waiter
  }

  function waitNoMore(peer: PeerId, hash: string, waiter: Waiter): void {
    const ofPeer = waiting.get(peer)
    const waiters = ofPeer?.get(hash)
    waiters?.delete(waiter)
    if (waiters?.size === 0) ofPeer?.delete(hash)
    if (ofPeer?.size === 0) waiting.delete(peer)
  }

  async function tell(peer: PeerId, message: Uint8Array, signal: AbortSignal): Promise<void> {
    const stream = await open(peer, signal)
    stream.send(encodeLength(message.length))
    stream.send(message)
    await stream.close({ signal })
  }

  return {
    async get(peer, hash, { signal }) {
      const cid = leafCid(hash).bytes
      const key = toHex(hash)
      const waiter = wait(peer, key)
      try {
        await tell(peer, encodeWant(cid), signal)
        return await orAborted(waiter.promise, signal)
      } catch (error) {
        if (signal.aborted) tell(peer, encodeWant(cid, true), AbortSignal.timeout(1000)).catch(() => {})
        throw error
      } finally {
        waitNoMore(peer, key, waiter)
      }
    },

    awaits: (peer) => waiting.has(peer),

    async receive(peer, { blocks, absent }) {
      for (const block of blocks) {
        if (!waiting.has(peer)) return
        const hash = await crypto.subtle.digest('SHA-256', block as Uint8Array<ArrayBuffer>)
        const waiters = waiting.get(peer)?.get(toHex(new Uint8Array(hash))) ?? []
        for (const waiter of waiters) waiter.resolve(block.slice())
      }
      for (const cid of absent) {
        for (const waiter of waiting.get(peer)?.get(hashOf(cid)) ?? []) {
          waiter.reject(peerFailed('the peer does not have the block'))
        }
      }
    },

    leave(peer) {
      for (const waiters of waiting.get(peer)?.values() ?? []) {
        for (const waiter of waiters) waiter.reject(peerFailed('the connection is lost'))
      }
    },
  }
}

const hashOf = (cid: Uint8Array): string => {
  try {
    return toHex(CID.decode(cid).multihash.digest)
  } catch {
    return ''
  }
}
