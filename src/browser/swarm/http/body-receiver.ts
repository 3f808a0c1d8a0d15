/**
 * Reads the body of a response into memory of the reader's choice: leaf by leaf, each in a buffer of its own that need
 * not be copied again. Chunks as the browser makes them take half as long again.
 */

import { LEAF_SIZE } from '../../../core/leaf.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { Receiver } from '../../../core/swarm/protocol/frame.ts'
import { openByobReader } from './byob-reader.ts'

export interface BodyReceiver extends Receiver {
  /**
   * Bytes of a leaf, or fewer where the body ends or bytes come slowly; `undefined` at its end. In memory of their own,
   * handed over.
   */
  readLeaf(): Promise<Uint8Array | undefined>
  /** No more is wanted; the connection is not kept waiting. */
  letGo(): void
}

/** Milliseconds after which what has come is handed over, so that whoever watches sees that bytes come. */
const SLOW = 500

/** Bytes read behind those that were announced: most often there are none. */
const BEHIND = 4096

/** @param length - bytes of the body, as its head announces them; those of one that was compressed are more */
export function createBodyReceiver(
  body: ReadableStream<Uint8Array>,
  length = Number.POSITIVE_INFINITY,
): BodyReceiver {
  const reader = openByobReader(body)
  let received = 0

  /** Reads behind the first `filled` bytes of `buffer`, whose memory moves. Empty at the end of the body. */
  async function fill(buffer: ArrayBuffer, filled: number): Promise<Uint8Array<ArrayBuffer>> {
    const { value } = await reader.read(new Uint8Array(buffer, filled))
    if (!value) throw peerFailed('no longer wanted')
    received += value.byteLength
    return value
  }

  return {
    async read(most) {
      const chunk = await fill(new ArrayBuffer(most), 0)
      return chunk.byteLength > 0 ? chunk : undefined
    },

    async readLeaf() {
      const begun = performance.now()
      let buffer = new ArrayBuffer(Math.min(LEAF_SIZE, Math.max(BEHIND, length - received)))
      let filled = 0
      while (filled < buffer.byteLength) {
        const chunk = await fill(buffer, filled)
        buffer = chunk.buffer
        filled += chunk.byteLength
        if (chunk.byteLength === 0 || performance.now() - begun > SLOW) break
      }
      return filled > 0 ? new Uint8Array(buffer, 0, filled) : undefined
    },

    letGo: () => void reader.cancel().catch(() => {}),
  }
}
