/** Why a registry could not start, in one sentence that tells what to change. */
import { getSystemErrorMessage } from 'node:util'
import type { Config } from '../../core/config.ts'
import { RegistryError } from '../../core/oci/error.ts'

const LISTENING = new Set(['listen', 'bind', 'getaddrinfo'])

/** https://sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5

interface Failure extends NodeJS.ErrnoException {
  /** What SQLite calls its failure. */
  readonly errcode?: number
  readonly errstr?: string
}

/** The stack too, for an error that is our fault. */
export function failureText(error: Failure, config: Config): string {
  if (error instanceof RegistryError && error.cause instanceof Error) return failureText(error.cause, config)
  if (error.code === 'EADDRINUSE') {
    return `${config.http.addr} is in use by another program; --addr chooses another address`
  }
  const reason = error.errno === undefined ? error.errstr : getSystemErrorMessage(error.errno)
  if (LISTENING.has(error.syscall ?? '')) return `cannot listen on ${config.http.addr}: ${reason}`
  const folder = config.storage.filesystem?.rootdirectory
  if (error.errcode === SQLITE_BUSY) return `the data folder ${folder} is in use by another registry`
  if (reason === undefined) return error.stack ?? String(error)
  return `cannot use the data folder ${folder}: ${reason}${error.path ? ` (${error.path})` : ''}`
}
