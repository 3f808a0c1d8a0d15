/** What SQLite's failures mean to the registry. */
import { RegistryError, storageFailed, storageFull } from '../core/oci/error.ts'

const SQLITE_BUSY = 5
const SQLITE_IOERR = 10
const SQLITE_FULL = 13

/** Failures of the disk are told to the client; anything else, such as a broken constraint, to the caller. */
export function sqliteError(cause: unknown): unknown {
  // The low byte is the primary code: https://www.sqlite.org/rescode.html
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined
  if (code === SQLITE_FULL) return storageFull(cause)
  if (code === SQLITE_IOERR) return storageFailed(cause)
  if (code !== SQLITE_BUSY) return cause
  return new RegistryError('UNAVAILABLE', 'data folder is in use by another process', { cause })
}
