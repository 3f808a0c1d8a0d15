/**
 * Makes the rows of a catalog that was lost, from what is left: the blobs on the disk, and the copy of the names. All
 * that the disk holds is served again. What no copy names goes to a repository of its own, where its owner finds it.
 */
import type { Content, Disk } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { NamedRepository } from '../catalog/names.ts'
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_MANIFEST_SIZE, parseManifest } from '../oci/manifest.ts'
import { type Names, readNames } from './names-backup.ts'
import { type Found, type Rebuilt, restore } from './restore.ts'

/** There are no rows, though there are bytes. */
export async function isLost(disk: Disk, catalog: Catalog): Promise<boolean> {
  if (!(await catalog.blobs.isEmpty())) return false
  for await (const _ of disk.list()) return true
  return false
}

/**
 * Fills an empty catalog, at once or not at all. The digests were checked when the bytes came, and are not checked
 * again: nothing but a whole file gets its digest for a name.
 */
export async function rebuild(disk: Disk, catalog: Catalog, names: Names): Promise<Rebuilt> {
  const repositories = await readNames(names)
  const types = typesOf(repositories)
  const found = new Map<Digest, Found>()
  for await (const digest of disk.list()) {
    const content = await disk.get(digest)
    if (content) found.set(digest, await look(content, types.get(digest)))
  }
  return catalog.transaction((queries) => restore(queries, found, repositories))
}

const typesOf = (repositories: readonly NamedRepository[]): Map<Digest, string> =>
  new Map(
    repositories.flatMap(({ manifests }) => manifests.map(({ digest, mediaType }) => [digest, mediaType])),
  )

async function look(content: Content, mediaType: string | undefined): Promise<Found> {
  const { size } = content
  if (size > MAX_MANIFEST_SIZE) return { size, manifest: undefined }
  const bytes = new Uint8Array(await new Response(content.stream()).arrayBuffer())
  try {
    return { size, manifest: parseManifest(bytes, mediaType) }
  } catch (error) {
    if (error instanceof RegistryError) return { size, manifest: undefined }
    throw error
  }
}
