/**
 * The sizes that manifests state of what they need. Apart because a catalog of an older version has manifests whose
 * sizes it never wrote down: those are read once more.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Revision } from '../catalog/manifests.ts'
import type { Digest } from '../oci/digest.ts'
import { parseManifest } from '../oci/manifest.ts'
import { type ManifestStore, readAll } from './manifests.ts'

/** In bytes, each different one. Empty where no manifest of these repositories names it. */
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
