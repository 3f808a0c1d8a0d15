/** `flotilla serve`: starts a registry, and stops it without losing a request. */
import { join, resolve } from 'node:path'
import { getSystemErrorMessage } from 'node:util'
import type { Config } from '../../core/config.ts'
import { ConfigurationError } from '../config/error.ts'
import { loadConfig, type Sources } from '../config/load.ts'
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import { collectAtRest } from './collect-at-rest.ts'
import { catchForServing, causesOf, exitWith, reasonOf } from './errors.ts'
import { stopOnSignal } from './signals.ts'

export async function serve(sources: Omit<Sources, 'environment'>): Promise<void> {
  const { config, warnings } = await loadConfig({ ...sources, environment: process.env }).catch((error) =>
    exitWith(error instanceof ConfigurationError ? error.lines : [reasonOf(error)]),
  )
  const log = await createLog(config.log)
  for (const warning of warnings) log.warn(warning)
  catchForServing(log)
  const { openServer } = await import('../server.ts')
  const opening = openServer({ config, log })
  stopOnSignal(opening, log)
  const { url, page } = await opening.catch((error) => exitWith([startFailure(error, config)]))
  collectAtRest()
  process.stdout.write(welcome({ version, url, data: dataOf(config), page }))
}

function dataOf({ storage }: Config): string {
  return storage.filesystem ? resolve(storage.filesystem.rootdirectory) : 'memory, until the registry stops'
}

const LISTENING = new Set(['listen', 'bind', 'getaddrinfo'])

const OTHER_FOLDER = 'use --data for another folder'

/** By primary code: https://www.sqlite.org/rescode.html */
const SQLITE: Readonly<Record<number, (folder: string) => string>> = {
  5: (folder) => `the data folder ${folder} is in use by another registry; ${OTHER_FOLDER}`,
  8: (folder) => `the catalog in the data folder ${folder} cannot be written; ${OTHER_FOLDER}`,
  11: damaged,
  26: damaged,
}

function damaged(folder: string): string {
  return `${join(folder, 'catalog.db')} is damaged; restore a backup of it, or start with an empty folder: ${OTHER_FOLDER}`
}

interface Failure extends NodeJS.ErrnoException {
  /** SQLite's error code. */
  readonly errcode?: number
  /** SQLite's error message. */
  readonly errstr?: string
}

export function startFailure(error: unknown, config: Config): string {
  const causes = causesOf(error) as readonly Failure[]
  const cause = causes.find(({ errno, errcode }) => errno !== undefined || errcode !== undefined)
  const folder = config.storage.filesystem?.rootdirectory ?? ''
  if (cause === undefined) return `the registry cannot start: ${reasonOf(error)}`
  if (cause.code === 'EADDRINUSE') {
    return `${config.http.addr} is in use by another program; use --addr for another one`
  }
  const reason = cause.errno === undefined ? cause.errstr : getSystemErrorMessage(cause.errno)
  if (LISTENING.has(cause.syscall ?? ''))
    return `cannot listen on ${config.http.addr}: ${reason}; use --addr for another one`
  const special = SQLITE[(cause.errcode ?? 0) & 0xff]
  if (special) return special(folder)
  if (cause.code === 'EEXIST') return `the data folder ${folder} is a file; ${OTHER_FOLDER}`
  const where = cause.path && resolve(cause.path) !== resolve(folder) ? ` (${cause.path})` : ''
  return `cannot use the data folder ${folder}: ${reason}${where}; ${OTHER_FOLDER}`
}

/** What the welcome text says. People read it; programs wait for its line `listening on`. */
interface Started {
  readonly version: string
  /** Where the registry listens, such as `http://127.0.0.1:5000`. */
  readonly url: string
  /** Where images are stored, in words. */
  readonly data: string
  /** The URL of the web page, if there is one. */
  readonly page: string | undefined
}

const LOCAL_HOSTS = new Set(['0.0.0.0', '[::]', '127.0.0.1', '[::1]', 'localhost'])

export function welcome({ version, url, data, page }: Started): string {
  const { hostname, port } = new URL(url)
  // By this name, Docker uses plain HTTP without being configured to, and browsers allow service workers.
  const host = `${LOCAL_HOSTS.has(hostname) ? 'localhost' : hostname}:${port || 80}`
  const pageLine = page === undefined ? '' : `web page at ${page}\n`
  return `flotilla ${version}
listening on ${url.replace(/\/$/, '')}
${pageLine}keeping images in ${data}

Push a first image:
  skopeo copy --dest-tls-verify=false docker://alpine docker://${host}/alpine
  docker pull alpine && docker tag alpine ${host}/alpine && docker push ${host}/alpine
`
}
