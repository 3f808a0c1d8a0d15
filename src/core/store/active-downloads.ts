/**
 * Downloads that are under way. What needs their digests is not evicted, and their bytes count towards the budget. One
 * digest may be downloaded by several uploads.
 */
import type { Upload } from '../blobs/ports.ts'
import type { Digest } from '../oci/digest.ts'

export interface ActiveDownloads {
  add(digest: Digest, upload: Upload): void
  delete(digest: Digest, upload: Upload): void
  has(digest: Digest): boolean
  digests(): Digest[]
  /** The ids of their uploads. */
  uploads(): string[]
  /** The sum of what their uploads hold. */
  bytes(): number
}

export function createActiveDownloads(): ActiveDownloads {
  const byDigest = new Map<Digest, Set<Upload>>()
  const uploads = () => [...byDigest.values()].flatMap((some) => [...some])
  return {
    add(digest, upload) {
      byDigest.set(digest, (byDigest.get(digest) ?? new Set()).add(upload))
    },
    delete(digest, upload) {
      const left = byDigest.get(digest)
      left?.delete(upload)
      if (left?.size === 0) byDigest.delete(digest)
    },
    has: (digest) => byDigest.has(digest),
    digests: () => [...byDigest.keys()],
    uploads: () => uploads().map(({ id }) => id),
    bytes: () => uploads().reduce((sum, { size }) => sum + size, 0),
  }
}
