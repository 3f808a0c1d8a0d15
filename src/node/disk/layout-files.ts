/**
 * The two files that make a folder of blobs an OCI image layout. Apart because the registry itself never reads
 * them: names live in the catalog, and the index stays as it is found.
 */
import { rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OCI_INDEX } from '../../core/oci/media-type.ts'

const FILES: Readonly<Record<string, unknown>> = {
  'oci-layout': { imageLayoutVersion: '1.0.0' },
  'index.json': { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] },
}

/** Writes those that are missing, each whole or not at all. */
export async function writeLayoutFiles(root: string, mode: number): Promise<void> {
  for (const [name, content] of Object.entries(FILES)) {
    const path = join(root, name)
    if (await stat(path).catch(() => undefined)) continue
    await writeFile(`${path}.new`, JSON.stringify(content), { flush: true, mode })
    await rename(`${path}.new`, path)
  }
}
