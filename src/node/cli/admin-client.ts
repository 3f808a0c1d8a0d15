/**
 * A client of the admin API of a running registry on this machine. The file `owner.json` in the registry's data folder has
 * its URL and a token.
 */

import type * as z from 'zod/mini'
import { nextPage } from '../../core/client/transport.ts'
import { ConfigurationError } from '../config/error.ts'
import { loadConfig } from '../config/load.ts'
import { type OwnerAccess, ownerFileIn, readOwnerFile } from '../owner-file.ts'
import { causesOf, exitWith, oneLine, reasonOf, reasonOfSilence } from './errors.ts'

export interface AdminOptions {
  /** The data folder of the registry. Default: that of `serve` without arguments. */
  readonly data?: string | undefined
  /** `host:port` of the registry on this machine. Default: as in the data folder. */
  readonly addr?: string | undefined
}

export interface AdminRequest<T> {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  /** Validates the response. */
  readonly schema: z.ZodMiniType<T>
}

export interface AdminResponse<T> {
  /** `undefined` if the body is empty. */
  readonly value: T
  /** For a list: the path of the next page. */
  readonly next: string | undefined
}

/** Any unexpected response ends the command, with the registry's own error message if there is one. */
export async function requestAdmin<T>(
  options: AdminOptions,
  { method, path, schema: answer }: AdminRequest<T>,
): Promise<AdminResponse<T>> {
  const { url, token } = await findRegistry(options)
  const { host } = new URL(url)
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(url + path, { method, headers, redirect: 'manual' }).catch((error) =>
    exitWith([
      `no registry answers on ${host}: ${reasonOfSilence(error.cause ?? error)}; use --data to name the data folder of another one`,
    ]),
  )
  const text = await response.text().catch(() => exitWith([`${host}: the connection broke`]))
  const body = parse(text)
  if (!response.ok) return exitWith([`${host}: ${messageIn(body) ?? `what answers is ${NOT_FLOTILLA}`}`])
  const { success, data } = answer.safeParse(body)
  const isEmpty = text === '' && response.status !== 204
  if (!success || isEmpty) return exitWith([`${host}: what answers is ${NOT_FLOTILLA}`])
  return { value: data, next: nextPage(response.headers) }
}

const NOT_FLOTILLA = 'not a Flotilla registry; use --addr or --data for another one'

/** `null` for invalid JSON, which no schema accepts. */
function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return null
  }
}

function messageIn(body: unknown): string | undefined {
  const message = (body as { errors?: { message?: unknown }[] } | null | undefined)?.errors?.[0]?.message
  return typeof message === 'string' ? oneLine(message) : undefined
}

async function findRegistry({ data, addr }: AdminOptions): Promise<OwnerAccess> {
  const folder = await dataFolderOf(data)
  const access = await readOwnerFile(folder).catch((error) => exitWith([unreadable(folder, error)]))
  if (!access)
    return exitWith([`no registry runs in ${folder}; use --data to name the data folder of another one`])
  return addr === undefined ? access : { ...access, url: urlOf(addr) }
}

async function dataFolderOf(data: string | undefined): Promise<string> {
  const sources = { environment: process.env, overrides: { rootdirectory: data } }
  const { config } = await loadConfig(sources).catch((error) =>
    exitWith(error instanceof ConfigurationError ? error.lines : [reasonOf(error)]),
  )
  const folder = config.storage.filesystem?.rootdirectory
  return (
    folder ??
    exitWith([
      'the registry keeps everything in memory, and only one with a data folder can be managed by commands',
    ])
  )
}

const urlOf = (addr: string): string => `http://${addr.startsWith(':') ? `127.0.0.1${addr}` : addr}`

function unreadable(folder: string, error: unknown): string {
  const code = (causesOf(error).find(({ errno }) => errno !== undefined) as NodeJS.ErrnoException | undefined)
    ?.code
  if (code === undefined)
    return `${ownerFileIn(folder)} is damaged; restart the registry, which writes a new one`
  const hint = code === 'EACCES' ? '; run this as the user that runs the registry' : ''
  return `${reasonOf(error).replace(/^cannot use/, 'cannot read')}${hint}`
}
