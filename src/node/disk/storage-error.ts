/**
 * What a client may learn of a failing file system: whether there is no room, and never a path.
 */
import { RegistryError, storageFailed, storageFull } from '../../core/oci/error.ts'

const NO_ROOM: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG']

/** UNKNOWN with status 507 (RFC 4918, section 11.5) where the storage is full, otherwise 500. */
export function storageError(cause: unknown): RegistryError {
  if (cause instanceof RegistryError) return cause
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return NO_ROOM.includes(code) ? storageFull(cause) : storageFailed(cause)
}
