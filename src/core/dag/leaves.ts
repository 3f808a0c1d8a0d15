/**
 * Leaf hashes: the sha-256 of each MiB of a blob. Its DAG is built from them, and peers verify each leaf with them
 * before the whole blob has arrived.
 */

import type { Content } from '../blobs/ports.ts'
import { HASH_SIZE, LEAF_SIZE, leafCount } from '../leaf.ts'

/** Returns the hashes in order, 32 bytes each. */
export type HashLeaves = (content: Content, signal: AbortSignal) => Promise<Uint8Array>

/** By WebCrypto, so on every platform. Takes the memory of two leaves, whatever the size of the blob. */
export const hashLeaves: HashLeaves = async (content, signal) => {
  const hashes = new Uint8Array(leafCount(content.size) * HASH_SIZE)
  let offset = 0
  for await (const leaf of leavesOf(content)) {
    signal.throwIfAborted()
    hashes.set(new Uint8Array(await crypto.subtle.digest('SHA-256', leaf)), offset)
    offset += HASH_SIZE
  }
  return hashes
}

/** The leaves of the blob. Each is valid until the next one is requested. */
async function* leavesOf(content: Content): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const leaf = new Uint8Array(Math.min(LEAF_SIZE, content.size))
  let filled = 0
  for await (let chunk of content.stream()) {
    while (chunk.byteLength > 0) {
      const part = chunk.subarray(0, leaf.byteLength - filled)
      leaf.set(part, filled)
      filled += part.byteLength
      chunk = chunk.subarray(part.byteLength)
      if (filled === leaf.byteLength) {
        yield leaf
        filled = 0
      }
    }
  }
  if (filled > 0) yield leaf.subarray(0, filled)
}
