/** Looks into the data folder of a registry that has stopped: do its files and its catalog agree? */

import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'
import { expect } from 'vitest'

export const uploadFiles = (data: string): Promise<string[]> => readdir(join(data, 'uploads'))

/**
 * Every blob's file is whole and known to the catalog, and the other way round; the bytes of uploads belong to
 * sessions that clients know of.
 */
export const expectTidy = async (data: string): Promise<void> => {
  const files = await blobFiles(data)
  for (const file of files) expect(await hashOf(data, file), file).toBe(file)
  using catalog = openCatalog(data)
  const column = (sql: string) => columnOf(catalog, sql)
  expect(column('PRAGMA integrity_check')).toEqual(['ok'])
  expect(column('PRAGMA foreign_key_check')).toEqual([])
  expect(column('SELECT digest FROM doubts')).toEqual([])
  expect(files).toEqual(column('SELECT digest FROM blobs ORDER BY digest'))
  expect(sessionsIn(data)).toEqual(expect.arrayContaining(await uploadFiles(data)))
}

/** Ids of the uploads that the catalog knows. */
export const sessionsIn = (data: string): unknown[] => {
  using catalog = openCatalog(data)
  return columnOf(catalog, 'SELECT id FROM uploads')
}

const openCatalog = (data: string): DatabaseSync =>
  new DatabaseSync(join(data, 'catalog.db'), { readOnly: true })

const columnOf = (catalog: DatabaseSync, sql: string): unknown[] =>
  catalog
    .prepare(sql)
    .all()
    .map((row) => Object.values(row)[0])

/** Digests of the blobs that have files, sorted. */
const blobFiles = async (data: string): Promise<string[]> => {
  const files: string[] = []
  for (const algorithm of ['sha256', 'sha512']) {
    const names = await readdir(join(data, 'blobs', algorithm))
    files.push(...names.map((name) => `${algorithm}:${name}`))
  }
  return files.sort()
}

const hashOf = async (data: string, digest: string): Promise<string> => {
  const [algorithm, name] = digest.split(':') as [string, string]
  const hash = createHash(algorithm)
  await pipeline(createReadStream(join(data, 'blobs', algorithm, name)), hash)
  return `${algorithm}:${hash.digest('hex')}`
}
