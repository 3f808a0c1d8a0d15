/** Asks the owner's API of a running registry on this machine, as its data folder says where it is and whose. */
import { getSystemErrorMessage } from 'node:util'
import { ConfigurationError } from '../config/error.ts'
import { loadConfig } from '../config/load.ts'
import { type OwnerAccess, ownerFileIn, readOwnerFile } from '../owner-file.ts'
import { exitWith } from './exit.ts'

export interface OwnerOptions {
  /** The data folder of the registry. Default: as `serve` has it without arguments. */
  readonly data?: string | undefined
  /** `host:port` of the registry, on this machine, where the data folder names another. */
  readonly addr?: string | undefined
}

/** A response that tells of success; any other ends the command with the registry's own words. */
export async function askOwner(options: OwnerOptions, method: string, path: string): Promise<Response> {
  const { url, token } = await findRegistry(options)
  const { host } = new URL(url)
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(url + path, { method, headers, redirect: 'error' }).catch(() =>
    exitWith([`no registry answers on ${host}; --data names the data folder of another one`]),
  )
  if (response.ok) return response
  const answer = await response.json().catch(() => undefined)
  return exitWith([`${host}: ${answer?.errors?.[0]?.message ?? 'what answers is no registry of this kind'}`])
}

async function findRegistry({ data, addr }: OwnerOptions): Promise<OwnerAccess> {
  const folder = await dataFolderOf(data)
  const access = await readOwnerFile(folder).catch((error) => exitWith([unreadable(folder, error)]))
  if (!access) return exitWith([`no registry runs in ${folder}; --data names the data folder of another one`])
  return addr === undefined ? access : { ...access, url: urlOf(addr) }
}

async function dataFolderOf(data: string | undefined): Promise<string> {
  const sources = { environment: process.env, overrides: { rootdirectory: data } }
  const { config } = await loadConfig(sources).catch((error: Error) =>
    exitWith(error instanceof ConfigurationError ? error.problems : [String(error.stack)]),
  )
  const folder = config.storage.filesystem?.rootdirectory
  return folder ?? exitWith(['a registry in memory cannot be asked this'])
}

const urlOf = (addr: string): string => `http://${addr.startsWith(':') ? `127.0.0.1${addr}` : addr}`

function unreadable(folder: string, { errno, message }: NodeJS.ErrnoException): string {
  return `cannot read ${ownerFileIn(folder)}: ${errno === undefined ? message : getSystemErrorMessage(errno)}`
}
