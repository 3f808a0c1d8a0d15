/**
 * Hashes the leaves of a file, in a thread of its own: one buffer, no copies, and no work for the garbage collector
 * of the thread that answers requests. WebCrypto there would cost it half a millisecond for each leaf.
 */
import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { LeafAnswer, LeafTask } from './task.ts'

const HASH_SIZE = 32

parentPort!.on('message', (task: LeafTask) => parentPort!.postMessage(answer(task)))

function answer({ path, size, leafSize }: LeafTask): LeafAnswer {
  try {
    return { hashes: hashFile(path, size, leafSize) }
  } catch (cause) {
    return { error: cause as Error }
  }
}

function hashFile(path: string, size: number, leafSize: number): Uint8Array {
  const hashes = new Uint8Array(Math.ceil(size / leafSize) * HASH_SIZE)
  const leaf = Buffer.allocUnsafeSlow(Math.min(leafSize, size))
  const file = openSync(path, 'r')
  try {
    for (let start = 0, offset = 0; start < size; start += leafSize, offset += HASH_SIZE) {
      const length = readLeaf(file, leaf, start)
      hashes.set(createHash('sha256').update(leaf.subarray(0, length)).digest(), offset)
    }
  } finally {
    closeSync(file)
  }
  return hashes
}

/** A read may come up short without being at the end. */
function readLeaf(file: number, leaf: Buffer, start: number): number {
  let length = 0
  while (length < leaf.length) {
    const read = readSync(file, leaf, length, leaf.length - length, start + length)
    if (read === 0) break
    length += read
  }
  return length
}
