/** A browser on a new profile, on the disk that is measured, with the page that a registry serves. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Page } from 'playwright'
import { controlled, openBrowser, type Visitor } from '../../test/system/e2e/support/browser.ts'
import { serveFolder } from '../../test/system/e2e/support/static-host.ts'
import { RandomBlob } from '../client/blob.ts'
import { withConnections } from '../client/connection.ts'
import { pushByPut } from '../client/registry.ts'
import type { Stage } from '../scenario.ts'
import type { Environment, Server } from '../server/process.ts'
import { addressOf, inSwarm } from '../server/swarm.ts'
import { provideBench } from './page-script.ts'

export interface Visit extends AsyncDisposable {
  readonly visitor: Visitor
  /** Which the page comes from, and which is a peer of it. */
  readonly server: Server
  readonly page: Page
}

// Playwright would copy each body that a worker gets, and tell of it.
process.env.PLAYWRIGHT_DISABLE_SERVICE_WORKER_NETWORK = '1'

const LIMIT = 20_000
const BARE_SITE = join(import.meta.dirname, 'bare-site')

export const urlOf = ({ port }: Server): string => `http://127.0.0.1:${port}`

export const profileOf = (stage: Stage): string => stage.within('browser').dataFolder

export async function openVisit(stage: Stage, environment: Environment = {}): Promise<Visit> {
  const server = await startPeer(stage, environment)
  const visitor = await openBrowser(profileOf(stage))
  await using opened = new AsyncDisposableStack()
  opened.defer(() => rm(profileOf(stage), { recursive: true, force: true }))
  opened.use(visitor)
  const page = await visitor.open(urlOf(server))
  await provideBench(page)
  await reached(page, 'http')
  const resources = opened.move()
  return { visitor, server, page, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

/** Waits until the page has a peer by this protocol. */
export async function reached(page: Page, fetcher: 'http' | 'websocket'): Promise<void> {
  for (const limit = performance.now() + LIMIT; performance.now() < limit; await sleep(50)) {
    if ((await page.evaluate(() => bench.fetchers())).includes(fetcher)) return
  }
  throw new Error(`the page reaches nobody by ${fetcher}`)
}

/** A registry that browsers can ask as soon as this returns. */
export async function startPeer(stage: Stage, environment: Environment = {}): Promise<Server> {
  const server = await stage.start({ environment: { ...inSwarm(), ...environment } })
  await addressOf(server)
  return server
}

/** Gives a peer a blob, and waits until it rests. */
export async function hold(server: Server, size: number): Promise<RandomBlob> {
  const blob = new RandomBlob(size)
  await withConnections(server.port, 1, ([connection]) => pushByPut(connection!, blob))
  await server.idle()
  return blob
}

/** A page of another origin, whose service worker does no more than it must; in the same browser. */
export async function openBarePage({ context }: Visitor, resources: AsyncDisposableStack): Promise<Page> {
  const site = resources.use(await serveFolder(BARE_SITE))
  const page = await context.newPage()
  await page.goto(site.url)
  await controlled(page)
  await provideBench(page)
  return page
}

/** A blob in a file on the disk. */
export interface BlobFile {
  readonly digest: string
  readonly size: number
  readonly path: string
}

export async function makeFile(stage: Stage, size: number): Promise<BlobFile> {
  const blob = new RandomBlob(size)
  const path = join(stage.within('files').dataFolder, blob.digest.slice('sha256:'.length))
  await writeFile(path, blob.pieces())
  return { digest: blob.digest, size, path }
}

/** As its user does. */
export async function chooseFile(page: Page, { path }: Pick<BlobFile, 'path'>): Promise<void> {
  const input = page.locator(await page.evaluate(() => bench.addFileInput()))
  await input.setInputFiles(path)
}
