/** Fetches blocks from IPFS peers: one want a message, so that no peer sends a block that is no longer needed. */

import type { Stream } from '@libp2p/interface'
import { toHex } from 'multiformats/bytes'
import { CID } from 'multiformats/cid'
import { raceSignal } from '../../async/abortable.ts'
import { leafCid } from '../../dag/dag.ts'
import { peerFailed } from '../../oci/error.ts'
import type { PeerId } from '../../swarm/ports.ts'
import { encodeLength, encodeWant, type Message } from './message.ts'

export interface Fetching {
  /** A block by its sha-256, in a buffer that the caller owns. @throws UNAVAILABLE if the peer does not have it */
  get(peer: PeerId, hash: Uint8Array, options: { readonly signal: AbortSignal }): Promise<Uint8Array>
  /** Whether a block from this peer is expected. */
  awaits(peer: PeerId): boolean
  /** Resolves the fetches whose blocks are in the message. */
  receive(peer: PeerId, message: Message): Promise<void>
  /** The peer has disconnected. */
  leave(peer: PeerId): void
}

type Waiter = PromiseWithResolvers<Uint8Array>

export function createFetching(open: (peer: PeerId, signal: AbortSignal) => Promise<Stream>): Fetching {
  /** By peer, and by hash in hexadecimal. */
  const waiting = new Map<PeerId, Map<string, Set<Waiter>>>()

  function wait(peer: PeerId, hash: string): Waiter {
    const ofPeer = waiting.get(peer) ?? new Map<string, Set<Waiter>>()
    const waiter = Promise.withResolvers<Uint8Array>()
    waiter.promise.catch(() => {})
    waiting.set(peer, ofPeer.set(hash, (ofPeer.get(hash) ?? new Set()).add(waiter)))
    return waiter
  }

  function stopWaiting(peer: PeerId, hash: string, waiter: Waiter): void {
    const ofPeer = waiting.get(peer)
    const waiters = ofPeer?.get(hash)
    waiters?.delete(waiter)
    if (waiters?.size === 0) ofPeer?.delete(hash)
    if (ofPeer?.size === 0) waiting.delete(peer)
  }

  async function send(peer: PeerId, message: Uint8Array, signal: AbortSignal): Promise<void> {
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
        await send(peer, encodeWant(cid), signal)
        return await raceSignal(waiter.promise, signal)
      } catch (error) {
        if (signal.aborted) send(peer, encodeWant(cid, true), AbortSignal.timeout(1000)).catch(() => {})
        throw error
      } finally {
        stopWaiting(peer, key, waiter)
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
