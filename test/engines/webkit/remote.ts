/**
 * Drives a browser without WebDriver, whose sessions in WebKit are private and have no storage: the registry's site is
 * passed on to the browser with a script in its pages that fetches from here what to do.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Json } from '../port.ts'

/** Milliseconds for one step in a page, on a busy machine. */
const PATIENCE = 120_000

/** Milliseconds after which a page that has nothing to do asks again. */
const ASK_AGAIN = 10_000

const DRIVER = new URL('driver.js', import.meta.url)
const SCRIPT = '<script src="/driver/driver.js" type="module"></script>'

export interface Remote extends AsyncDisposable {
  /** Where the browser finds the site. */
  readonly url: string
  /** A page with nothing but the driver. */
  readonly emptyPage: string
  /** From now on, what the browser gets is from there. */
  passOn(site: URL): void
  /** @throws what `work` throws, with its stack as text */
  run<R>(work: (argument: never) => R | Promise<R>, argument: Json): Promise<R>
  /** Runs `leave`, and waits until another page asks what to do. */
  toNextPage(leave: (argument: never) => unknown, argument: Json): Promise<void>
  /** Until the first page asks. */
  firstPage(): Promise<void>
  /** A path by which the page can fetch the file. */
  offer(path: string): string
}

interface Task {
  readonly code: string
  readonly done: PromiseWithResolvers<unknown>
}

export async function openRemote(): Promise<Remote> {
  const tasks = new Map<string, Task>()
  const waiting: string[] = []
  const files: string[] = []
  let site: URL | undefined
  let page = ''
  let pageBegun = Promise.withResolvers<void>()
  let hand: ((task: string) => void) | undefined

  /** What the page is to do, as soon as there is something. */
  async function next(asking: string): Promise<string | undefined> {
    if (asking !== page) {
      page = asking
      pageBegun.resolve()
    }
    if (waiting.length > 0) return waiting.shift()
    const given = Promise.withResolvers<string | undefined>()
    hand = given.resolve
    const timer = setTimeout(given.resolve, ASK_AGAIN, undefined)
    return await given.promise.finally(() => {
      clearTimeout(timer)
      if (hand === given.resolve) hand = undefined
    })
  }

  function add(work: unknown, argument: Json): Promise<unknown> {
    const task = crypto.randomUUID()
    const code = `export const argument = ${JSON.stringify(argument)}\nexport const work = ${work}`
    const done = Promise.withResolvers<unknown>()
    tasks.set(task, { code, done })
    if (hand) hand(task)
    else waiting.push(task)
    return inTime(done.promise, `${String(work).slice(0, 200)} in the page`)
  }

  function finish({ task, value, error }: { task: string; value?: unknown; error?: string }): void {
    const { done } = tasks.get(task)!
    tasks.delete(task)
    if (error === undefined) done.resolve(value)
    else done.reject(new Error(error))
  }

  async function answerDriver(url: URL, asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , what, name = ''] = url.pathname.split('/')
    response.setHeader('Cache-Control', 'no-store')
    if (what === 'next') {
      const task = await next(url.searchParams.get('page')!)
      response.writeHead(task ? 200 : 204).end(task)
    } else if (what === 'tasks') {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(tasks.get(name.replace('.js', ''))?.code)
    } else if (what === 'results') {
      response.end()
      finish(JSON.parse(await text(asked)))
    } else if (what === 'log') {
      response.end()
      console.error(`page: ${await text(asked)}`)
    } else if (what === 'driver.js') {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(await readFile(DRIVER))
    } else if (what === 'files') {
      response.end(await readFile(files[Number(name)]!))
    } else {
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html>${SCRIPT}`)
    }
  }

  const server = createServer((asked, response) => {
    const url = new URL(asked.url!, 'http://localhost')
    const answered = url.pathname.startsWith('/driver/')
      ? answerDriver(url, asked, response)
      : passOn(asked, response, site!, new URL(own()))
    answered.catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url: own(),
    emptyPage: `${own()}/driver/`,
    passOn(to) {
      site = new URL(to)
      site.hostname = 'localhost' // where the server sends people anyway
    },
    run: <R>(work: (argument: never) => R | Promise<R>, argument: Json) => add(work, argument) as Promise<R>,
    async toNextPage(leave, argument) {
      pageBegun = Promise.withResolvers()
      add(leave, argument).catch(() => {}) // the page may be gone before it tells
      await inTime(pageBegun.promise, 'the next page')
    },
    firstPage: () => inTime(pageBegun.promise, 'the first page'),
    offer: (path) => `/driver/files/${files.push(path) - 1}/${encodeURIComponent(basename(path))}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** As if the browser had asked the site itself, but for no compression, since pages get the driver. */
async function passOn(asked: IncomingMessage, response: ServerResponse, site: URL, own: URL): Promise<void> {
  const { 'accept-encoding': _, ...passed } = asked.headers
  const headers: Record<string, string | string[] | undefined> = { ...passed, host: site.host }
  for (const name of ['origin', 'referer']) {
    const value = headers[name]
    if (typeof value === 'string') headers[name] = value.replace(own.origin, site.origin)
  }
  const asking = request(new URL(asked.url!, site), { method: asked.method, headers, agent: false })
  asked.pipe(asking)
  const [answer] = (await once(asking, 'response')) as [IncomingMessage]
  if (answer.headers['content-type']?.startsWith('text/html')) return await addDriver(answer, response)
  response.writeHead(answer.statusCode!, answer.headers)
  await pipeline(answer, response)
}

async function addDriver(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const { 'content-length': _, etag, ...headers } = answer.headers
  response.writeHead(answer.statusCode!, headers)
  response.end((await text(answer)).replace('</head>', `${SCRIPT}</head>`))
}

async function inTime<T>(result: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no sign of ${what}`)), PATIENCE)
  return await Promise.race([result, late.promise]).finally(() => clearTimeout(timer))
}
