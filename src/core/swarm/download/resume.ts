/** Goes on with what an earlier download has left of a blob, as far as that matches what is claimed now. */
import type { Upload, UploadReader } from '../../blobs/ports.ts'
import { LEAF_SIZE, leafCount, leafLength } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { DownloadStore } from '../../store/downloads.ts'
import type { HashLeaf } from '../ports.ts'
import { type Claim, hashOf, isEqual } from './claim.ts'

/** How many leaves of so many bytes are complete. */
export const completeLeaves = (stored: number, { size }: Pick<Claim, 'size'>): number =>
  stored >= size ? leafCount(size) : Math.floor(stored / LEAF_SIZE)

/**
 * The upload that was left, cut after its last true leaf. If none of it is true, a new one, and what was left can still be
 * found until the new one is kept.
 */
export async function resumeUpload(
  store: DownloadStore,
  digest: Digest,
  claim: Claim,
  hashLeaf: HashLeaf,
): Promise<Upload> {
  const upload = await store.resume(digest)
  if (!upload) return store.begin(digest, { isResumable: true })
  const leaves = await trueLeaves(claim, upload, hashLeaf)
  if (leaves === 0) {
    await store.keep(digest, upload)
    return store.begin(digest, { isResumable: false })
  }
  await upload.truncate(Math.min(leaves * LEAF_SIZE, claim.size))
  return upload
}

/** The upload may be from another claim, or end within a leaf. */
async function trueLeaves(claim: Claim, upload: Upload, hashLeaf: HashLeaf): Promise<number> {
  const reader = await upload.open()
  try {
    const count = completeLeaves(upload.size, claim)
    for (let leaf = 0; leaf < count; leaf++) {
      const { hash } = await hashLeaf(await readLeaf(reader, leaf, leafLength(claim.size, leaf)))
      if (!isEqual(hash, hashOf(claim, leaf))) return leaf
    }
    return count
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
