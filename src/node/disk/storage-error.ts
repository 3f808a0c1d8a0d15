/**
 * What a client is told about a failing file system: whether it is full, but never a path.
 */
import { RegistryError, storageFailed, storageFull } from '../../core/oci/error.ts'

const FULL_CODES: readonly unknown[] = ['ENOSPC', 'EDQUOT', 'EFBIG']

/** UNKNOWN with status 507 (RFC 4918, section 11.5) if the storage is full, otherwise 500. */
export function storageError(cause: unknown): RegistryError {
  if (cause instanceof RegistryError) return cause
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return FULL_CODES.includes(code) ? storageFull(cause) : storageFailed(cause)
}
