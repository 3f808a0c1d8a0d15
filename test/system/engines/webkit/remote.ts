/**
 * Drives a browser without WebDriver, whose sessions in WebKit are private and have no storage: the registry's site is
 * passed on to the browser with a script in its pages that fetches from here what to do.
 */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Json } from '../port.ts'
import { DRIVER_TAG, passOn } from './pass-on.ts'
import { createTasks } from './tasks.ts'

const DRIVER = new URL('driver.js', import.meta.url)

export interface Remote extends AsyncDisposable {
  /** A page with nothing but the driver. */
  readonly emptyPage: string
  /** From now on, the browser's requests are forwarded to that site. */
  passOn(site: URL): void
  /** @throws what `work` throws, with its stack as text */
  run<R>(work: (argument: never) => R | Promise<R>, argument: Json): Promise<R>
  /** Loads a page of the site. */
  goto(path: string): Promise<void>
  reload(): Promise<void>
  /** Resolves when a page has requested a task. */
  firstPage(): Promise<void>
  /** A path by which the page can fetch the file. */
  offer(path: string): string
  /** Where the page is, and what the site has not answered. */
  state(): string
}

export async function openRemote(): Promise<Remote> {
  const tasks = createTasks()
  const files: string[] = []
  /** What the browser asks of the site, and what became of it where that is not an answer. */
  const requests = new Map<IncomingMessage, string>()
  let site: URL | undefined

  async function answerDriver(url: URL, asked: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, , what, name = ''] = url.pathname.split('/')
    response.setHeader('Cache-Control', 'no-store')
    if (what === 'next') {
      const { page = '', address = '' } = Object.fromEntries(url.searchParams)
      const task = await tasks.next({ page, address, onceGone: (leave) => response.once('close', leave) })
      response.writeHead(task ? 200 : 204).end(task)
    } else if (what === 'tasks') {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(tasks.codeOf(name.replace('.js', '')))
    } else if (what === 'results') {
      response.end()
      tasks.finish(JSON.parse(await text(asked)))
    } else if (what === 'driver.js') {
      response.setHeader('Content-Type', 'text/javascript')
      response.end(await readFile(DRIVER))
    } else if (what === 'files') {
      response.end(await readFile(files[Number(name)]!))
    } else {
      response.setHeader('Content-Type', 'text/html')
      response.end(`<!doctype html>${DRIVER_TAG}`)
    }
  }

  async function answerFromSite(asked: IncomingMessage, response: ServerResponse): Promise<void> {
    requests.set(asked, `${asked.method} ${asked.url}`)
    await passOn(asked, response, site!, new URL(own())).then(
      () => requests.delete(asked),
      (error) => {
        if (response.closed)
          requests.delete(asked) // the browser has lost interest
        else requests.set(asked, `${asked.method} ${asked.url} (${error.message})`)
        response.destroy()
      },
    )
  }

  /** Runs `work`, and waits until another page asks what to do. */
  async function leave(work: (argument: never) => void, argument: Json): Promise<void> {
    const begun = tasks.nextPage()
    const code = `(argument) => { window.isLeaving = true; (${work})(argument) }`
    tasks.add(code, argument).catch(() => {}) // the page may be gone before it tells
    await begun
  }

  const server = createServer((asked, response) => {
    const url = new URL(asked.url!, 'http://localhost')
    if (!url.pathname.startsWith('/driver/')) return answerFromSite(asked, response)
    answerDriver(url, asked, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const own = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    emptyPage: `${own()}/driver/`,
    passOn(to) {
      site = new URL(to)
      site.hostname = 'localhost' // where the server sends people anyway
    },
    run: <R>(work: (argument: never) => R | Promise<R>, argument: Json) =>
      tasks.add(work, argument) as Promise<R>,
    goto: (path) => leave((address: string) => location.assign(address), own() + path),
    reload: () => leave(() => location.reload(), undefined),
    firstPage: tasks.firstPage,
    offer: (path) => `/driver/files/${files.push(path) - 1}/${encodeURIComponent(basename(path))}`,
    state: () =>
      `${tasks.state()}\nnot answered: ${[...requests.values()].slice(-20).join(', ') || 'nothing'}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}
