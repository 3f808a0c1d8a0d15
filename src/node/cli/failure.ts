/** Why a registry could not start, in one sentence that tells what to change. */
import { join, resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import type { Config } from '../../core/config.ts'
import { causesOf, reasonOf } from './reason.ts'

const LISTENING = new Set(['listen', 'bind', 'getaddrinfo'])

const ELSEWHERE = '--data names another one'

/** By primary code: https://www.sqlite.org/rescode.html */
const SQLITE: Readonly<Record<number, (folder: string) => string>> = {
  5: (folder) => `the data folder ${folder} is in use by another registry; ${ELSEWHERE}`,
  8: (folder) => `the catalog in the data folder ${folder} cannot be written; ${ELSEWHERE}`,
  11: damaged,
  26: damaged,
}

function damaged(folder: string): string {
  return `${join(folder, 'catalog.db')} is damaged; put a copy of it back, or begin in an empty folder: ${ELSEWHERE}`
}

interface Failure extends NodeJS.ErrnoException {
  /** SQLite's code of a failure. */
  readonly errcode?: number
  /** What SQLite calls its failure. */
  readonly errstr?: string
}

export function failureText(error: unknown, config: Config): string {
  const causes = causesOf(error) as readonly Failure[]
  const cause = causes.find(({ errno, errcode }) => errno !== undefined || errcode !== undefined)
  const folder = config.storage.filesystem?.rootdirectory ?? ''
  if (cause === undefined) return `the registry cannot start: ${reasonOf(error)}`
  if (cause.code === 'EADDRINUSE') {
    return `${config.http.addr} is in use by another program; --addr chooses another address`
  }
  const reason = cause.errno === undefined ? cause.errstr : getSystemErrorMessage(cause.errno)
  if (LISTENING.has(cause.syscall ?? ''))
    return `cannot listen on ${config.http.addr}: ${reason}; --addr chooses another address`
  const special = SQLITE[(cause.errcode ?? 0) & 0xff]
  if (special) return special(folder)
  if (cause.code === 'EEXIST') return `the data folder ${folder} is a file; ${ELSEWHERE}`
  const where = cause.path && resolve(cause.path) !== resolve(folder) ? ` (${cause.path})` : ''
  return `cannot use the data folder ${folder}: ${reason}${where}; ${ELSEWHERE}`
}
