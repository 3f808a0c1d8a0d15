/** What an image of an archive needs: the order in which it is pushed. */
import type { Descriptor } from '../oci/descriptor.ts'
import type { Digest } from '../oci/digest.ts'
import { isIndexType } from '../oci/media-type.ts'
import type { Archive, ArchiveManifest } from './archive.ts'
import { invalidArchive } from './archive-error.ts'

export interface Needs {
  /** Children before their indexes, the image itself last. */
  readonly manifests: readonly ArchiveManifest[]
  /** Each once, also those that the archive does not hold. */
  readonly blobs: readonly Descriptor[]
}

/** Indexes within indexes. */
const MAX_DEPTH = 16

export function needsOf({ manifests }: Pick<Archive, 'manifests'>, ...roots: readonly Digest[]): Needs {
  const ordered = new Map<string, ArchiveManifest>()
  const blobs = new Map<string, Descriptor>()
  const visit = (digest: string, depth: number): void => {
    const held = manifests.get(digest)
    if (!held || ordered.has(digest)) return
    if (depth > MAX_DEPTH) throw invalidArchive('the archive has indexes within indexes without end')
    const isIndex = isIndexType(held.manifest.mediaType)
    for (const child of held.manifest.manifests) visit(child.digest, depth + 1)
    for (const blob of held.manifest.blobs) {
      if (isIndex && manifests.has(blob.digest)) visit(blob.digest, depth + 1)
      else blobs.set(blob.digest, blob)
    }
    ordered.set(digest, held)
  }
  for (const root of roots) visit(root, 0)
  return { manifests: [...ordered.values()], blobs: [...blobs.values()] }
}
