/** Serves the built page to browsers: its files, and its start for every path that only the page itself knows. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { RequestHandler } from 'sirv'
import { headersOf, ISOLATION } from './headers.ts'
import type { OneAddress } from './one-address.ts'
import { redirectOf } from './redirect.ts'

/** Answers with a file of the page, or calls `next`. */
export type Page = (request: IncomingMessage, response: ServerResponse, next: () => void) => void

/** Paths that a program answers, or nobody: the page does not stand in for it. */
const NOT_OF_THE_PAGE = /^\/(?:v2|flotilla|apps)(?:\/|$)/

export interface PageOptions {
  /** The path that the page lies under; begins and ends with `/`. */
  readonly prefix: string
  /** Whether it may use `SharedArrayBuffer`. */
  readonly isIsolated?: boolean
  /** Where people are sent to. */
  readonly oneAddress?: OneAddress
}

/** Nothing is read before the first request. */
export function createPage(folder: string, { prefix, isIsolated = false, oneAddress }: PageOptions): Page {
  let files: Promise<RequestHandler> | undefined
  return (request, response, next) => {
    const path = pathOf(request, prefix)
    if (path === undefined) return next()
    if (redirect(request, path, oneAddress, response)) return
    const headers = (path: string) => headersOf(path, { scope: prefix, isIsolated })
    if (isIsolated && path === WORKER) return sendIsolated(join(folder, WORKER), headers(WORKER), response)
    files ??= openFiles(folder, headers)
    const answered = files.then((files) => {
      const start = isNavigation(request, path) ? () => files(asFor('/', request), response, next) : next
      files(asFor(path, request), response, start)
    })
    answered.catch(() => response.destroy()) // a file that is taken away at this very moment
  }
}

/**
 * Pages of the owner's own, from a folder of his: what is not there is not found. What they load is their business; nobody
 * else may put them into a frame.
 */
export function createApps(folder: string, { prefix, isIsolated = false, oneAddress }: PageOptions): Page {
  let files: Promise<RequestHandler> | undefined
  return (request, response, next) => {
    const path = pathOf(request, `${prefix}apps/`)
    if (path === undefined) return next()
    if (redirect(request, path, oneAddress, response)) return
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

/** Whether somebody was sent to the one address. */
function redirect(
  request: IncomingMessage,
  path: string,
  oneAddress: OneAddress | undefined,
  response: ServerResponse,
): boolean {
  const location = oneAddress && isNavigation(request, path) ? redirectOf(request, oneAddress) : undefined
  if (location !== undefined)
    response.writeHead(307, { Location: location, 'Cache-Control': 'no-store' }).end()
  return location !== undefined
}

const WORKER = '/sw.js'

/** The line says to the worker, and to the browser, which replaces it then, what it is to send with what it keeps. */
function sendIsolated(path: string, headers: Record<string, string>, response: ServerResponse): void {
  readFile(path, 'utf8').then(
    (script) => {
      response.writeHead(200, { ...headers, 'Content-Type': 'text/javascript' })
      response.end(`self.isIsolated = true\n${script}`)
    },
    () => response.writeHead(404).end(),
  )
}

/** @param headersFor - what is told of a file, by its path in the folder */
async function openFiles(
  folder: string,
  headersFor: (path: string) => Record<string, string>,
): Promise<RequestHandler> {
  const { default: sirv } = await import('sirv')
  return sirv(folder, {
    dev: true, // looks at the folder at every request: it may be built anew meanwhile
    etag: true,
    gzip: true, // as the build put it beside each file
    setHeaders(response, path) {
      response.once('pipe', (file) => file.once('error', () => response.destroy()))
      for (const [name, value] of Object.entries(headersFor(path))) response.setHeader(name, value)
    },
  })
}

/** Empty names, which a file system would pass over. */
const EMPTY_NAME = /^[^?]*\/\//

/** `undefined` for what is no file's, wherever it lies. */
function pathOf({ method, url = '' }: IncomingMessage, prefix: string): string | undefined {
  const isReading = method === 'GET' || method === 'HEAD'
  const isPath = isReading && url.startsWith(prefix) && !EMPTY_NAME.test(url)
  return isPath ? url.slice(prefix.length - 1) : undefined
}

/** A browser that goes to an address, other than a program that asks for a file. */
const isNavigation = ({ headers }: IncomingMessage, path: string): boolean =>
  (headers.accept?.includes('text/html') ?? false) && !NOT_OF_THE_PAGE.test(path)

/** Without `Range`: nobody needs a part of these files, and a false one is not refused but thrown. */
function asFor(url: string, request: IncomingMessage): IncomingMessage {
  const { range: _, ...headers } = request.headers
  return Object.defineProperties(Object.create(request), { url: { value: url }, headers: { value: headers } })
}
