/** What clients learn about a failing browser storage: whether it is full, and nothing about its contents. */
import { RegistryError, storageFailed, storageFull } from '../../core/oci/error.ts'

/** Returns UNKNOWN with status 507 (RFC 4918, section 11.5) if the quota is used up, otherwise with 500. */
export function storageError(cause: unknown): RegistryError {
  if (cause instanceof RegistryError) return cause
  return isNamed(cause, 'QuotaExceededError') ? storageFull(cause) : storageFailed(cause)
}

export const throwStorageError = (cause: unknown): never => {
  throw storageError(cause)
}

/** Returns `undefined` if there is no such file or folder. */
export async function ifExists<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (isNamed(error, 'NotFoundError') || isNamed(error, 'TypeMismatchError')) return undefined
    throw storageError(error)
  }
}

export const isNamed = (error: unknown, name: string): boolean =>
  error instanceof DOMException && error.name === name
