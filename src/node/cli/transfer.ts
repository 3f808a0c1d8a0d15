/** Why an image did not get from here to there, in one sentence. */
import { getSystemErrorMessage } from 'node:util'
import { RegistryError } from '../../core/oci/error.ts'
import { exitWith } from './exit.ts'

/** @param url - of the registry at the other end */
export function failedTransfer(error: unknown, url: string): never {
  if (error instanceof RegistryError) {
    const isAway = error.code === 'UNAVAILABLE' && error.cause !== undefined
    exitWith([isAway ? `no registry answers on ${url}` : error.message])
  }
  const { errno, path } = error as NodeJS.ErrnoException
  if (errno === undefined || path === undefined) throw error
  return exitWith([`cannot use ${path}: ${getSystemErrorMessage(errno)}`])
}
