/**
 * What a client may learn of a failing browser storage: whether there is no room, and nothing of what is inside.
 */
import { RegistryError, storageFailed, storageFull } from '../../core/oci/error.ts'

/** UNKNOWN with status 507 (RFC 4918, section 11.5) where the quota is used up, otherwise 500. */
export function storageError(cause: unknown): RegistryError {
  if (cause instanceof RegistryError) return cause
  return isNamed(cause, 'QuotaExceededError') ? storageFull(cause) : storageFailed(cause)
}

export const rethrow = (cause: unknown): never => {
  throw storageError(cause)
}

/** `undefined` where there is no such file or folder. */
export async function present<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found
  } catch (error) {
    if (isNamed(error, 'NotFoundError') || isNamed(error, 'TypeMismatchError')) return undefined
    throw storageError(error)
  }
}

export const isNamed = (error: unknown, name: string): boolean =>
  error instanceof DOMException && error.name === name
