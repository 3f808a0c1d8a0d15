/** Asks the owner's API of a running registry on this machine, as its data folder says where it is and whose. */
import type * as z from 'zod/mini'
import { ConfigurationError } from '../config/error.ts'
import { loadConfig } from '../config/load.ts'
import { type OwnerAccess, ownerFileIn, readOwnerFile } from '../owner-file.ts'
import { exitWith } from './exit.ts'
import { oneLine } from './one-line.ts'
import { causesOf, reasonOf, reasonOfSilence } from './reason.ts'

export interface OwnerOptions {
  /** The data folder of the registry. Default: as `serve` has it without arguments. */
  readonly data?: string | undefined
  /** `host:port` of the registry, on this machine, where the data folder names another. */
  readonly addr?: string | undefined
}

export interface Question<T> {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE'
  readonly path: string
  /** What the answer has to be. */
  readonly answer: z.ZodMiniType<T>
}

export interface Answer<T> {
  /** `undefined` is what an empty body says. */
  readonly value: T
  /** The path of the page that follows, of a list. */
  readonly next: string | undefined
}

/** Anything but the answer that is expected ends the command, with the registry's own words where it has some. */
export async function askOwner<T>(
  options: OwnerOptions,
  { method, path, answer }: Question<T>,
): Promise<Answer<T>> {
  const { url, token } = await findRegistry(options)
  const { host } = new URL(url)
  const headers = { Authorization: `Bearer ${token}` }
  const response = await fetch(url + path, { method, headers, redirect: 'manual' }).catch((error) =>
    exitWith([
      `no registry answers on ${host}: ${reasonOfSilence(error.cause ?? error)}; --data names the data folder of another one`,
    ]),
  )
  const text = await response.text().catch(() => exitWith([`${host}: the connection broke off`]))
  const body = parse(text)
  if (!response.ok) return exitWith([`${host}: ${messageIn(body) ?? `what answers is ${NO_REGISTRY}`}`])
  const { success, data } = answer.safeParse(body)
  const isEmpty = text === '' && response.status !== 204
  if (!success || isEmpty) return exitWith([`${host}: what answers is ${NO_REGISTRY}`])
  return { value: data, next: /^<(.+)>/.exec(response.headers.get('link') ?? '')?.[1] }
}

const NO_REGISTRY = 'no registry of this kind; --addr and --data name another one'

/** What is no JSON is as wrong as JSON of another form. */
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

async function findRegistry({ data, addr }: OwnerOptions): Promise<OwnerAccess> {
  const folder = await dataFolderOf(data)
  const access = await readOwnerFile(folder).catch((error) => exitWith([unreadable(folder, error)]))
  if (!access) return exitWith([`no registry runs in ${folder}; --data names the data folder of another one`])
  return addr === undefined ? access : { ...access, url: urlOf(addr) }
}

async function dataFolderOf(data: string | undefined): Promise<string> {
  const sources = { environment: process.env, overrides: { rootdirectory: data } }
  const { config } = await loadConfig(sources).catch((error) =>
    exitWith(error instanceof ConfigurationError ? error.lines : [reasonOf(error)]),
  )
  const folder = config.storage.filesystem?.rootdirectory
  return folder ?? exitWith(['a registry in memory cannot be asked this'])
}

const urlOf = (addr: string): string => `http://${addr.startsWith(':') ? `127.0.0.1${addr}` : addr}`

function unreadable(folder: string, error: unknown): string {
  const code = (causesOf(error).find(({ errno }) => errno !== undefined) as NodeJS.ErrnoException | undefined)
    ?.code
  if (code === undefined) return `${ownerFileIn(folder)} is damaged; a restart of the registry writes it anew`
  const hint = code === 'EACCES' ? '; run this as the user that runs the registry' : ''
  return `${reasonOf(error).replace(/^cannot use/, 'cannot read')}${hint}`
}
