/**
 * Replaces the registry in memory, so that its tests use the registry in a page: the same calls, empty at the start of
 * each test. Tests that look at internals or set a configuration cannot run with it.
 */
import type { Page } from 'playwright'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import type { Asking, InMemoryRegistry, Settings } from '../../../support/in-memory-registry.ts'
import { openBrowser } from './browser.ts'
import { servePage } from './site.ts'
import { wipe } from './wipe.ts'

export type { Asking, InMemoryRegistry, Settings } from '../../../support/in-memory-registry.ts'

/** The URL at which the registry is addressed. */
export const ORIGIN = 'http://registry.example'

/** The tests that run with it do not use the rest. */
type Offered = Omit<InMemoryRegistry, 'registry' | 'store' | 'disk'> & {
  readonly disk: Pick<Disk, 'list' | 'uploads'>
}

/** One page for all tests of a file. */
let page: Promise<Page> | undefined
const opened = new AsyncDisposableStack()

async function openPage(): Promise<Page> {
  const site = opened.use(await servePage())
  const browser = opened.use(await openBrowser())
  return await browser.open(site.url)
}

export const closePage = (): Promise<void> => opened.disposeAsync()

export async function openInMemoryRegistry(settings?: Settings): Promise<InMemoryRegistry> {
  if (settings) throw new Error('the registry in a page cannot be configured')
  page ??= openPage()
  const asked = await page
  await asked.evaluate(wipe)
  const close = async () => {}
  const fetch: InMemoryRegistry['fetch'] = (method, path, asking) => ask(asked, method, path, asking)
  const registry: Offered = { fetch, disk: diskOf(asked), close, [Symbol.asyncDispose]: close }
  return registry as InMemoryRegistry
}

/** The files on the page's disk. */
function diskOf(page: Page): Pick<Disk, 'list' | 'uploads'> {
  return {
    async *list() {
      for (const name of await page.evaluate(namesIn, ['blobs', 'sha256'])) yield `sha256:${name}` as Digest
    },
    async *uploads() {
      yield* await page.evaluate(namesIn, ['uploads'])
    },
  }
}

/** Runs in the page. */
async function namesIn(path: readonly string[]): Promise<string[]> {
  let folder = await navigator.storage.getDirectory()
  for (const name of path) folder = await folder.getDirectoryHandle(name)
  return await Array.fromAsync(folder.keys())
}

async function ask(page: Page, method: string, path: string, asking: Asking = {}): Promise<Response> {
  const body = asking.body === undefined ? undefined : await bytesOf(asking.body)
  const answer = await page.evaluate(askInPage, {
    method,
    target: path.replace(ORIGIN, ''),
    headers: { 'X-Forwarded-Host': new URL(ORIGIN).host, ...asking.headers },
    body: body?.toString('base64'),
  })
  const hasBody = answer.body.length > 0
  return new Response(hasBody ? Buffer.from(answer.body, 'base64') : null, answer)
}

async function bytesOf(body: NonNullable<Asking['body']>): Promise<Buffer> {
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body)
  return Buffer.concat(await Array.fromAsync(body))
}

interface Asked {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Runs in the page. */
async function askInPage({ method, target, headers, body }: Asked) {
  const bytes = body === undefined ? null : new Blob([Uint8Array.from(atob(body), (c) => c.charCodeAt(0))])
  const response = await fetch(target, { method, headers, body: bytes })
  const received = new Uint8Array(await response.arrayBuffer())
  return {
    status: response.status,
    headers: [...response.headers] as [string, string][],
    body: btoa(Array.from(received, (byte) => String.fromCharCode(byte)).join('')),
  }
}
