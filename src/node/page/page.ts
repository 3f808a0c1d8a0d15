/** Serves the built page: its files, and `index.html` for paths that the page routes itself. */

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RequestHandler } from 'sirv'
import { type CanonicalOrigin, redirectOf } from './canonical-origin.ts'
import { headersOf, ISOLATION } from './headers.ts'

/** Responds with a file of the page, or calls `next`. */
export type Page = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** Paths that the page doesn't route. */
const NOT_OF_THE_PAGE = /^\/(?:v2|flotilla|apps)(?:\/|$)/

export interface PageOptions {
  /** The path of the page; begins and ends with `/`. */
  readonly prefix: string
  /** Whether the page may use `SharedArrayBuffer`. */
  readonly isIsolated?: boolean
  /** Where people are redirected to. */
  readonly canonicalOrigin?: CanonicalOrigin
}

/** Nothing is read before the first request. */
export function createPage(
  folder: string,
  { prefix, isIsolated = false, canonicalOrigin }: PageOptions,
): Page {
  let files: Promise<RequestHandler> | undefined
  return (request, response, next) => {
    const path = pathOf(request, prefix)
    if (path === undefined) return next()
    if (redirect(request, path, canonicalOrigin, response)) return
    const headers = (path: string) => headersOf(path, { scope: prefix, isIsolated })
    if (isIsolated && path === WORKER) return sendIsolated(join(folder, WORKER), headers(WORKER), response)
    files ??= openFiles(folder, headers)
    const answered = files.then((files) => {
      const start = isNavigation(request, path) ? () => files(asFor('/', request), response, next) : next
      files(asFor(path, request), response, start)
    })
    answered.catch(() => response.destroy()) // the file was removed while it was read
  }
}

/**
 * Serves the owner's own pages from a folder. Missing files get 404. The pages may load anything, but other sites can't embed
 * them in a frame.
 */
export function createApps(
  folder: string,
  { prefix, isIsolated = false, canonicalOrigin }: PageOptions,
): Page {
  let files: Promise<RequestHandler> | undefined
  return (request, response, next) => {
    const path = pathOf(request, `${prefix}apps/`)
    if (path === undefined) return next()
    if (redirect(request, path, canonicalOrigin, response)) return
    files ??= openFiles(folder, () => ({ ...APP_HEADERS, ...(isIsolated && ISOLATION) }))
    const answered = files.then((files) => files(asFor(path, request), response, next))
    answered.catch(() => response.destroy()) // as above
  }
}

const APP_HEADERS = {
  'Content-Security-Policy': "frame-ancestors 'self'",
  'Referrer-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-cache',
}

/** Redirects a person to the canonical origin. @returns whether it did */
function redirect(
  request: IncomingMessage,
  path: string,
  canonicalOrigin: CanonicalOrigin | undefined,
  response: ServerResponse,
): boolean {
  const location =
    canonicalOrigin && isNavigation(request, path) ? redirectOf(request, canonicalOrigin) : undefined
  if (location !== undefined)
    response.writeHead(307, { Location: location, 'Cache-Control': 'no-store' }).end()
  return location !== undefined
}

const WORKER = '/sw.js'

/** The added line tells the worker to send the isolation headers, and makes the browser replace a worker without it. */
function sendIsolated(path: string, headers: Record<string, string>, response: ServerResponse): void {
  readFile(path, 'utf8').then(
    (script) => {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' })
      response.end(`self.isIsolated = true\n${script}`)
    },
    () => response.writeHead(404).end(),
  )
}

/** @param headersFor - the headers of a file, by its path in the folder */
async function openFiles(
  folder: string,
  headersFor: (path: string) => Record<string, string>,
): Promise<RequestHandler> {
  const { default: sirv } = await import('sirv')
  return sirv(folder, {
    dev: true, // looks at the folder for every request, because it may be rebuilt
    etag: true,
    gzip: true, // serves the compressed copies that the build makes
    setHeaders(response, path) {
      response.once('pipe', (file) => file.once('error', () => response.destroy()))
      for (const [name, value] of Object.entries(headersFor(path))) response.setHeader(name, value)
    },
  })
}

/** An empty path component, which a file system would ignore. */
const EMPTY_NAME = /^[^?]*\/\//

/** The path of a file below `prefix`; `undefined` if the request can't be for one. */
function pathOf({ method, url = '' }: IncomingMessage, prefix: string): string | undefined {
  const isReading = method === 'GET' || method === 'HEAD'
  const isPath = isReading && url.startsWith(prefix) && !EMPTY_NAME.test(url)
  return isPath ? url.slice(prefix.length - 1) : undefined
}

/** Whether a browser navigates, rather than a program requesting a file. */
const isNavigation = ({ headers }: IncomingMessage, path: string): boolean =>
  (headers.accept?.includes('text/html') ?? false) && !NOT_OF_THE_PAGE.test(path)

/** Removes `Range`, because nobody needs part of these files and sirv throws for an invalid range. */
function asFor(url: string, request: IncomingMessage): IncomingMessage {
  const { range: _, ...headers } = request.headers
  return Object.defineProperties(Object.create(request), { url: { value: url }, headers: { value: headers } })
}

/** The page is beside the build of the registry; the sources use the page in `dist`. */
const FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../../dist/page' : './page', import.meta.url)

/** The folder of the built page; `undefined` if it wasn't built. */
export function findPage(): string | undefined {
  const folder = fileURLToPath(FOLDER)
  return existsSync(join(folder, 'index.html')) ? folder : undefined
}
