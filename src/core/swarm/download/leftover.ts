/** What an earlier start has left of a blob: as much of it as is what is claimed now. */

import type { Upload, UploadReader } from '../../blobs/ports.ts'
import { LEAF_SIZE, leafCount, leafLength } from '../../leaf.ts'
import type { HashLeaf } from '../ports.ts'
import { type Claim, hashOf, isEqual } from './claim.ts'

/** How many leaves of so many bytes are whole. */
export const wholeLeaves = (stored: number, { size }: Pick<Claim, 'size'>): number =>
  stored >= size ? leafCount(size) : Math.floor(stored / LEAF_SIZE)

/** How many leaves of the upload are what is claimed: it may be of another claim, or cut within a leaf. */
export async function trueLeaves(claim: Claim, upload: Upload, hashLeaf: HashLeaf): Promise<number> {
  const reader = await upload.open()
  try {
    const whole = wholeLeaves(upload.size, claim)
    for (let leaf = 0; leaf < whole; leaf++) {
      const { hash } = await hashLeaf(await readLeaf(reader, leaf, leafLength(claim.size, leaf)))
      if (!isEqual(hash, hashOf(claim, leaf))) return leaf
    }
    return whole
  } finally {
    await reader.close()
  }
}

async function readLeaf(reader: UploadReader, leaf: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let read = 0; read < length; ) {
    const piece = await reader.read(leaf * LEAF_SIZE + read, length - read)
    bytes.set(piece, read)
    read += piece.length
  }
  return bytes
}
