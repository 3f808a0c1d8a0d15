/** What SQLite's failures mean to the registry. */

import {
  SQLITE_CANTOPEN,
  SQLITE_CORRUPT,
  SQLITE_FULL,
  SQLITE_IOERR,
  SQLITE_NOTADB,
  SQLiteError,
} from 'wa-sqlite'
import { storageFailed, storageFull } from '../../core/oci/error.ts'
import { isStorageFull } from './storage-full.ts'

/** The storage below SQLite failed, and nobody knows what the connection still remembers rightly. */
export const isBroken = (cause: unknown): boolean => codeOf(cause) === SQLITE_IOERR

/** What is stored is no database, or not a whole one. */
export const isMalformed = (cause: unknown): boolean =>
  codeOf(cause) === SQLITE_CORRUPT || codeOf(cause) === SQLITE_NOTADB

/** Nothing can be read of it. */
export const isUnusable = (cause: unknown): boolean => isMalformed(cause) || codeOf(cause) === SQLITE_CANTOPEN

/** Failures of the storage are told to the client; anything else, such as a broken constraint, to the caller. */
export async function sqliteError(cause: unknown): Promise<unknown> {
  const code = codeOf(cause)
  if (code !== SQLITE_FULL && code !== SQLITE_IOERR) return cause
  // The file system that wa-sqlite brings keeps IndexedDB's own failure to itself.
  return code === SQLITE_FULL || (await isStorageFull()) ? storageFull(cause) : storageFailed(cause)
}

// The low byte is the primary code: https://www.sqlite.org/rescode.html
const codeOf = (cause: unknown): number | undefined =>
  cause instanceof SQLiteError ? cause.code & 0xff : undefined
