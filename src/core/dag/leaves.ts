/**
 * Leaf hashes: the sha-256 of each 1 MiB of a blob, from which its DAG is built and by which peers verify what they
 * get before all of it has come.
 */

import type { Content } from '../blobs/ports.ts'
import { HASH_SIZE, LEAF_SIZE, leafCount } from '../leaf.ts'

/** Gives the hashes in order, 32 bytes apiece. */
export type HashLeaves = (content: Content, signal: AbortSignal) => Promise<Uint8Array>

/** For every platform, by WebCrypto. Memory: two leaves, whatever the size of the blob. */
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

/** The blob cut into leaves. Each is valid until the next is asked for. */
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
