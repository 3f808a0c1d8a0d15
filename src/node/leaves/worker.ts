/**
 * Hashes leaves in a thread of its own: those of a file with one buffer, no copies, and no work for the garbage collector
 * of the thread that answers requests, where WebCrypto would cost half a millisecond for each leaf; and single ones.
 */
import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { FileAnswer, FileTask, LeafAnswer, LeafTask } from './task.ts'

const HASH_SIZE = 32

parentPort!.on('message', (task: FileTask | LeafTask) => {
  if ('leaf' in task) parentPort!.postMessage(answerLeaf(task), [task.leaf.buffer])
  else parentPort!.postMessage(answerFile(task))
})

const answerLeaf = ({ leaf }: LeafTask): LeafAnswer => ({
  leaf,
  hash: Uint8Array.from(hash('sha256', leaf, 'buffer')),
})

function answerFile({ path, size, leafSize }: FileTask): FileAnswer {
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
      hashes.set(hash('sha256', leaf.subarray(0, length), 'buffer'), offset)
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
