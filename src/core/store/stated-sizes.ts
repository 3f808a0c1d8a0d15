/**
 * The sizes that manifests state for what they need. Separate from the manifest store because catalogs of older versions
 * lack the sizes of some manifests, which are then parsed once more.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Revision } from '../catalog/manifests.ts'
import type { Digest } from '../oci/digest.ts'
import { parseManifest } from '../oci/manifest.ts'
import { type ManifestStore, readAll } from './manifests.ts'

/** Each different size, in bytes. Empty if no manifest of these repositories needs the digest. */
export type StatedSizes = (digest: Digest, repositories: Iterable<string>) => Promise<number[]>

export function createStatedSizes(catalog: Catalog, manifests: Pick<ManifestStore, 'read'>): StatedSizes {
  async function writeDown(revision: Revision): Promise<void> {
    const found = await manifests.read(revision)
    if (!found) return
    const bytes = found instanceof Uint8Array ? found : await readAll(found)
    const manifest = parseManifest(bytes, revision.mediaType)
    await catalog.transaction((queries) => queries.manifests.stateSizes(revision.digest, manifest), {
      durable: false,
    })
  }

  return async (digest, repositories) => {
    const names = [...repositories]
    for (const revision of await catalog.manifests.withoutSizes(digest, names)) await writeDown(revision)
    return catalog.manifests.statedSizes(digest, names)
  }
}
