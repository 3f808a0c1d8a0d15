/** What SQLite's failures mean to the registry. */

import { deleteDB, openDB } from 'idb'
import {
  SQLITE_CANTOPEN,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_IOERR,
  SQLITE_NOTADB,
  SQLiteError,
} from 'wa-sqlite'
import { storageFailed, storageFull } from '../../core/oci/error.ts'

/** The storage below SQLite failed, so the connection's cached pages may no longer match it. */
export const isBroken = (cause: unknown): boolean => codeOf(cause) === SQLITE_IOERR

/** The stored bytes are not a database, or only a part of one. */
export const isMalformed = (cause: unknown): boolean =>
  codeOf(cause) === SQLITE_CORRUPT || codeOf(cause) === SQLITE_NOTADB

/** Nothing can be read from the database. */
export const isUnusable = (cause: unknown): boolean => isMalformed(cause) || codeOf(cause) === SQLITE_CANTOPEN

/** Turns failures of the storage into errors for clients. Others, such as a violated constraint, are the caller's. */
export async function sqliteError(cause: unknown): Promise<unknown> {
  const code = codeOf(cause)
  if (code !== SQLITE_FULL && code !== SQLITE_IOERR) return cause
  // wa-sqlite's file system hides the error of IndexedDB.
  return code === SQLITE_FULL || (await isStorageFull()) ? storageFull(cause) : storageFailed(cause)
}

// The low byte is the primary code: https://www.sqlite.org/rescode.html
const codeOf = (cause: unknown): number | undefined =>
  cause instanceof SQLiteError ? cause.code & 0xff : undefined

/** The most that `getRandomValues` fills at once. */
const RECORD_BYTES = 65_536

/** Together larger than what a transaction of the catalog writes. */
const RECORDS = 16

/**
 * Whether the browser gives this origin no more storage. Only a trial tells: the figures of `estimate()` follow no limit
 * that browsers enforce.
 */
async function isStorageFull(): Promise<boolean> {
  const name = `trial-${crypto.randomUUID()}`
  try {
    await write(name)
    return false
  } catch (cause) {
    return cause instanceof DOMException && cause.name === 'QuotaExceededError'
  } finally {
    await deleteDB(name).catch(() => {})
  }
}

async function write(name: string): Promise<void> {
  const database = await openDB(name, 1, { upgrade: (upgraded) => void upgraded.createObjectStore('bytes') })
  try {
    for (let key = 0; key < RECORDS; key++)
      await database.put('bytes', crypto.getRandomValues(new Uint8Array(RECORD_BYTES)), key)
  } finally {
    database.close()
  }
}
