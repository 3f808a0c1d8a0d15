/**
 * The attacker's side of an attack by a web page: a web server, and a browser whose user has opened the page. Names
 * below `.test` lead to this machine, since browsers let only pages of local addresses reach other local ones unasked.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { type BrowserContextOptions, chromium, type Page } from 'playwright'
import { chromiumOptions } from '../../../support/chromium.ts'

export interface EvilSite extends AsyncDisposable {
  readonly port: number
}

/** Serves an empty page for every path. */
export async function openEvilSite(): Promise<EvilSite> {
  const server = createServer((_, response) => {
    const headers = { 'Content-Type': 'text/html', Connection: 'close' }
    response.writeHead(200, headers).end('<!doctype html><title>Evil</title>')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
    },
  }
}

export interface Rebinding extends EvilSite {
  /** From now on the name means the registry. */
  rebind(): void
}

/**
 * Stands in for a DNS server that changes its answer: a port that leads to the attacker's server at first, and then to
 * the registry. Bytes pass as they are, so the registry sees what it would see.
 */
export async function openRebinding(evilPort: number, registryPort: number): Promise<Rebinding> {
  let port = evilPort
  const server = createTcpServer((socket) => {
    const onward = connect(port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    socket.on('error', () => onward.destroy())
    onward.on('error', () => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    rebind() {
      port = registryPort
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

export interface Victim extends AsyncDisposable {
  open(url: string): Promise<Page>
}

export async function openVictim(options: BrowserContextOptions = {}): Promise<Victim> {
  const { args = [], ...launch } = chromiumOptions()
  const rules = '--host-resolver-rules=MAP *.test 127.0.0.1'
  const browser = await chromium.launch({ ...launch, args: [...args, rules] })
  const context = await browser.newContext(options)
  return {
    async open(url) {
      const page = await context.newPage()
      await page.goto(url)
      return page
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
