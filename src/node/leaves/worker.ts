/**
 * The worker that hashes leaves, of a whole file or a single one. For a file it uses one buffer without copies or garbage,
 * while WebCrypto would cost the main thread half a millisecond for each leaf.
 */
import { hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

const HASH_SIZE = 32

parentPort!.on('message', (task: FileTask | LeafTask) => {
  if ('leaf' in task) parentPort!.postMessage(hashLeaf(task), [task.leaf.buffer])
  else parentPort!.postMessage(respondToFile(task))
})

const hashLeaf = ({ leaf }: LeafTask): LeafResponse => ({
  leaf,
  hash: Uint8Array.from(hash('sha256', leaf, 'buffer')),
})

function respondToFile({ path, size, leafSize }: FileTask): FileResponse {
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

/** A read may return fewer bytes than requested before the end of the file. */
function readLeaf(file: number, leaf: Buffer, start: number): number {
  let length = 0
  while (length < leaf.length) {
    const read = readSync(file, leaf, length, leaf.length - length, start + length)
    if (read === 0) break
    length += read
  }
  return length
}

/** Hash all leaves of a file. Sizes are in bytes. */
export interface FileTask {
  readonly path: string
  readonly size: number
  readonly leafSize: number
}

/** Hash one leaf, whose memory is transferred to the worker and back. */
export interface LeafTask {
  readonly leaf: Uint8Array<ArrayBuffer>
}

export type FileResponse = { readonly hashes: Uint8Array } | { readonly error: Error }

export interface LeafResponse extends LeafTask {
  readonly hash: Uint8Array
}
