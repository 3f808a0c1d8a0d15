/** Looks into the data folder of a registry that runs. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { expect } from 'vitest'

/** Every file among the blobs is what its name says. */
export async function expectTrueBlobs(data: string): Promise<void> {
  for (const algorithm of ['sha256', 'sha512']) {
    for (const name of await readdir(join(data, 'blobs', algorithm))) {
      const hash = createHash(algorithm)
      await pipeline(createReadStream(join(data, 'blobs', algorithm, name)), hash)
      expect(hash.digest('hex')).toBe(name)
    }
  }
}

/** The root CID that the catalog has for a blob, once it is pinned. */
export function knownRoot(data: string, digest: string): string | undefined {
  using catalog = new DatabaseSync(join(data, 'catalog.db'), { readOnly: true })
  const sql = 'SELECT root FROM pins JOIN blobs ON blobs.id = pins.blob WHERE digest = ?'
  return catalog.prepare(sql).get(digest)?.['root'] as string | undefined
}
