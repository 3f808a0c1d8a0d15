/** What is on its way here from peers: what needs it stays, and it takes room. One digest may come by several uploads. */
import type { Upload } from '../blobs/ports.ts'
import type { Digest } from '../oci/digest.ts'

export interface Arriving {
  add(digest: Digest, upload: Upload): void
  delete(digest: Digest, upload: Upload): void
  has(digest: Digest): boolean
  digests(): Digest[]
  /** The ids of their uploads. */
  uploads(): string[]
  /** What their uploads hold. */
  bytes(): number
}

export function createArriving(): Arriving {
  const uploads = new Map<Digest, Set<Upload>>()
  return {
    add(digest, upload) {
      uploads.set(digest, (uploads.get(digest) ?? new Set()).add(upload))
    },
    delete(digest, upload) {
      const others = uploads.get(digest)
      others?.delete(upload)
      if (others?.size === 0) uploads.delete(digest)
    },
    has: (digest) => uploads.has(digest),
    digests: () => [...uploads.keys()],
    uploads: () => [...uploads.values()].flatMap((each) => [...each].map(({ id }) => id)),
    bytes: () =>
      [...uploads.values()].reduce((sum, each) => [...each].reduce((sum, { size }) => sum + size, sum), 0),
  }
}
