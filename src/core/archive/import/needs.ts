/** What the images of an archive need, in the order in which it is pushed. */
import type { Descriptor } from '../../oci/descriptor.ts'
import type { Digest } from '../../oci/digest.ts'
import { isIndexType } from '../../oci/media-type.ts'
import { invalidArchive } from '../errors.ts'
import type { Archive, ArchiveManifest } from './archive.ts'

export interface Needs {
  /** Children before their indexes; the image itself is last. */
  readonly manifests: readonly ArchiveManifest[]
  /** Each listed once, including those that the archive doesn't hold. */
  readonly blobs: readonly Descriptor[]
}

/** Levels of nested indexes. */
const MAX_DEPTH = 16

export function needsOf({ manifests }: Pick<Archive, 'manifests'>, ...roots: readonly Digest[]): Needs {
  const ordered = new Map<string, ArchiveManifest>()
  const blobs = new Map<string, Descriptor>()
  const visit = (digest: string, depth: number): void => {
    const held = manifests.get(digest)
    if (!held || ordered.has(digest)) return
    if (depth > MAX_DEPTH)
      throw invalidArchive(`the archive nests indexes more than ${MAX_DEPTH} levels deep; save it again`)
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
