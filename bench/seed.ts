/**
 * Fills the catalog of a stopped Flotilla directly, because a million pushes would take longer than what they
 * are there to measure.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { digestOf, MANIFEST_TYPE } from './client/registry.ts'

const CATALOG = 'catalog.db'
/** One of them is a manifest, with a tag, that needs the others. */
const BLOBS_PER_REPOSITORY = 10

export const seededRepository = (index: number): string => `seed/${index}`
export const seededDigest = (index: number): string => digestOf(seededContent(index))

/**
 * Adds `blobs` blobs, ten to a repository, to the catalog of a data folder that a server has made and left.
 * Only rows: see {@link seedFiles} for the bytes.
 */
export function seedCatalog(dataFolder: string, { blobs }: { readonly blobs: number }): void {
  using database = new DatabaseSync(join(dataFolder, CATALOG))
  database.exec('PRAGMA synchronous = OFF; BEGIN')
  const seed = rowsOf(database)
  for (let first = 0; first < blobs; first += BLOBS_PER_REPOSITORY) seed(first)
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)')
}

/** Writes the files of seeded blobs to their places in the image layout. */
export function seedFiles(dataFolder: string, { blobs }: { readonly blobs: number }): void {
  const folder = join(dataFolder, 'blobs/sha256')
  mkdirSync(folder, { recursive: true })
  for (let index = 0; index < blobs; index++) {
    writeFileSync(join(folder, seededDigest(index).slice('sha256:'.length)), seededContent(index))
  }
}

const seededContent = (index: number): string => `blob ${index}`

/** Inserts one repository, whose blobs are numbered from `first`. */
function rowsOf(database: DatabaseSync): (first: number) => void {
  const insert = (table: string, columns: string) =>
    database.prepare(`INSERT INTO ${table} (${columns}) VALUES (${columns.replace(/\w+/g, '?')})`)
  const repositories = insert('repositories', 'name')
  const blobs = insert('blobs', 'digest, size, leaved')
  const links = insert('links', 'repository, blob')
  const manifests = insert('manifests', 'repository, blob, media_type')
  const needs = insert('needs', 'manifest, digest')
  const tags = insert('tags', 'repository, name, manifest')
  const history = insert('tag_history', 'repository, name, digest, tagged_at')
  return (first) => {
    const repository = repositories.run(seededRepository(first / BLOBS_PER_REPOSITORY)).lastInsertRowid
    const rows = Array.from({ length: BLOBS_PER_REPOSITORY }, (_, offset) => {
      const digest = seededDigest(first + offset)
      const blob = blobs.run(digest, seededContent(first + offset).length, 1).lastInsertRowid
      if (offset > 0) links.run(repository, blob)
      return { digest, blob }
    })
    const manifest = manifests.run(repository, rows[0]!.blob, MANIFEST_TYPE).lastInsertRowid
    for (const { digest } of rows.slice(1)) needs.run(manifest, digest)
    tags.run(repository, 'latest', manifest)
    history.run(repository, 'latest', rows[0]!.digest, 0)
  }
}
