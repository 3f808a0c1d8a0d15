/**
 * A browser and a registry of which it knows only the WebSocket, which that registry opens to pages of this origin. The
 * page is served by a registry that has nothing and is in no swarm.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { CDPSession, Page } from 'playwright'
import { describe, expect, it } from 'vitest'
import type { SwarmStatus } from '../../../src/core/libp2p/status.ts'
import { STREAM_PROTOCOL } from '../../../src/core/libp2p/traffic.ts'
import { askAsOwner } from '../../support/owner.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { openBrowser, stopWorkers, type Visitor } from './support/browser.ts'
import { servePage } from './support/site.ts'

const MEBIBYTE = 1024 * 1024
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'

const digestOf = (content: Uint8Array): string =>
  `sha256:${createHash('sha256').update(content).digest('hex')}`

interface Image {
  readonly digest: string
  readonly manifest: string
  readonly config: string
  readonly layer: string
}

/** An image with one layer of this many random bytes. */
async function pushImage(registry: RegistryProcess, name: string, size: number): Promise<Image> {
  const push = async (content: Uint8Array<ArrayBuffer>): Promise<{ digest: string; size: number }> => {
    const digest = digestOf(content)
    const url = `${registry.url}/v2/${name}/blobs/uploads/?digest=${digest}`
    expect((await fetch(url, { method: 'POST', body: content })).status).toBe(201)
    return { digest, size: content.byteLength }
  }
  const config = await push(Buffer.from('{}'))
  const layer = await push(randomBytes(size))
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
  })
  const digest = digestOf(Buffer.from(manifest))
  const headers = { 'Content-Type': MANIFEST_TYPE }
  const url = `${registry.url}/v2/${name}/manifests/${digest}`
  expect((await fetch(url, { method: 'PUT', headers, body: manifest })).status).toBe(201)
  return { digest, manifest, config: config.digest, layer: layer.digest }
}

const statusOf = async (registry: RegistryProcess): Promise<SwarmStatus> =>
  (await askAsOwner(registry, '/flotilla/peers')).json() as Promise<SwarmStatus>

const openTo = ({ url }: RegistryProcess) => ({
  REGISTRY_HTTP_CORS_ORIGINS: JSON.stringify([new URL(url).origin]),
})

async function setUp(size: number) {
  await using opened = new AsyncDisposableStack()
  const site = opened.use(await servePage())
  const peer = opened.use(await startRegistry({ swarm: [], environment: openTo(site) }))
  const browser = opened.use(await openBrowser())
  const image = await pushImage(peer, 'team/app', size)
  await expect.poll(async () => (await askAsOwner(peer, '/flotilla/peers')).status).toBe(200)
  const address = (await statusOf(peer)).addresses.find((address) => address.includes('/ws/'))!
  const page = await browser.open(site.url)
  await setPeers(page, [address])
  const resources = opened.move()
  return { site, peer, browser, image, page, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function setPeers(page: Page, peers: string[]): Promise<void> {
  const status = await page.evaluate(async (peers) => {
    const body = JSON.stringify({ budget: null, peers, trust: [] })
    return (await fetch('/flotilla/settings', { method: 'PUT', body })).status
  }, peers)
  expect(status).toBe(200)
  await connected(page)
}

interface PeersSeen {
  /** The leading tab. */
  readonly id?: string
  readonly leader: boolean
  readonly peers: readonly { readonly id: string; readonly protocol: string; readonly received: number }[]
}

const peersSeen = (page: Page): Promise<PeersSeen> =>
  page.evaluate(async () => (await fetch('/flotilla/peers')).json())

const connected = (page: Page): Promise<void> =>
  expect
    .poll(async () => (await peersSeen(page)).peers.map(({ protocol }) => protocol))
    .toEqual(['websocket'])

/** Reads it in the page, and returns its digest and length. */
const pull = (page: Page, path: string): Promise<{ status: number; digest: string; size: number }> =>
  page.evaluate(async (path) => {
    const response = await fetch(path)
    const bytes = await response.arrayBuffer()
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
    const hex = [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('')
    return { status: response.status, digest: `sha256:${hex}`, size: bytes.byteLength }
  }, path)

/** The client ids of leading tabs. */
const leaders = (page: Page): Promise<string[]> =>
  page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query()
    return held.map(({ name }) => name!).filter((name) => name.startsWith('flotilla-leader/'))
  })

const isLeading = (page: Page): Promise<boolean> =>
  page.evaluate(async () => {
    const { id } = await (await fetch('/flotilla/whoami')).json()
    const { held = [] } = await navigator.locks.query()
    return held.some(({ name }) => name === `flotilla-leader/${id}`)
  })

/** Bytes of blobs sent to all connected peers. The page only gets this number now and then. */
const bytesSentBy = async (peer: RegistryProcess): Promise<number> =>
  (await statusOf(peer)).peers.reduce((sum, { moved }) => sum + (moved[STREAM_PROTOCOL]?.sent ?? 0), 0)

interface Interruption {
  readonly path: string
  readonly peer: RegistryProcess
  /** Bytes that the peer has to send first. */
  readonly bytes: number
  interrupt(): Promise<unknown>
}

/** Starts a pull in `page`, does something half-way, and returns the result of the pull. */
async function interrupted(page: Page, { path, peer, bytes, interrupt }: Interruption) {
  const pulled = pull(page, path)
  await expect.poll(() => bytesSentBy(peer), { interval: 20 }).toBeGreaterThan(bytes)
  await interrupt()
  return pulled
}

const openSecond = async (browser: Visitor, url: string): Promise<Page> => {
  const second = await browser.open(url)
  expect(await isLeading(second)).toBe(false)
  return second
}

describe('through the leading tab', () => {
  it('an image is pulled', async () => {
    await using parts = await setUp(8 * MEBIBYTE)
    const { page, image } = parts
    const path = '/v2/team/app'
    const manifest = await pull(page, `${path}/manifests/${image.digest}`)
    expect(manifest).toMatchObject({ status: 200, digest: image.digest, size: image.manifest.length })
    const config = await pull(page, `${path}/blobs/${image.config}`)
    expect(config).toMatchObject({ status: 200, digest: image.config })
    const layer = await pull(page, `${path}/blobs/${image.layer}`)
    expect(layer).toMatchObject({ status: 200, digest: image.layer, size: 8 * MEBIBYTE })
    expect((await statusOf(parts.peer)).peers.map(({ transport }) => transport)).toEqual(['ws'])
  })

  it('a restarted worker pulls at once', async () => {
    await using parts = await setUp(1)
    const { page, image } = parts
    await stopWorkers(page)
    expect(await pull(page, `/v2/team/app/blobs/${image.layer}`)).toMatchObject({ digest: image.layer })
  })

  it('peers that were removed from the settings are disconnected', async () => {
    await using parts = await setUp(1)
    const { page, peer } = parts
    const body = JSON.stringify({ budget: null, peers: [], trust: [] })
    await page.evaluate((body) => fetch('/flotilla/settings', { method: 'PUT', body }).then(() => {}), body)
    await expect.poll(async () => (await peersSeen(page)).peers).toEqual([])
    await expect.poll(async () => (await statusOf(peer)).peers).toEqual([])
  })
})

describe('of several tabs', () => {
  it('one leads, and the next when it is closed', async () => {
    await using parts = await setUp(1)
    const { page, browser, site, peer, image } = parts
    const second = await openSecond(browser, site.url)
    const third = await openSecond(browser, site.url)
    expect(await leaders(page)).toHaveLength(1)
    expect((await statusOf(peer)).peers).toHaveLength(1)
    const { id } = await peersSeen(second)
    await page.close()
    // For a moment there may be none.
    await expect.poll(async () => [id, undefined].includes((await peersSeen(third)).id)).toBe(false)
    expect(await leaders(third)).toHaveLength(1)
    await connected(third)
    expect(await pull(second, `/v2/team/app/blobs/${image.layer}`)).toMatchObject({ digest: image.layer })
  })

  it('the next leads when the first goes to another site', async () => {
    await using parts = await setUp(1)
    const { page, browser, site, peer } = parts
    const second = await openSecond(browser, site.url)
    await page.goto(peer.url)
    await expect.poll(() => isLeading(second)).toBe(true)
    await page.goBack()
    await connected(page)
    expect(await leaders(second)).toHaveLength(1)
  })

  it('a pull goes on when the leading one is closed half-way', async () => {
    await using parts = await setUp(48 * MEBIBYTE)
    const { page, browser, site, peer, image } = parts
    const second = await openSecond(browser, site.url)
    const path = `/v2/team/app/blobs/${image.layer}`
    const interrupt = () => page.close()
    const pulled = await interrupted(second, { path, peer, bytes: 8 * MEBIBYTE, interrupt })
    expect(pulled).toEqual({ status: 200, digest: image.layer, size: 48 * MEBIBYTE })
    await expect.poll(() => isLeading(second)).toBe(true)
  })

  it('a pull goes on when the leading one hangs half-way', async () => {
    await using parts = await setUp(48 * MEBIBYTE)
    const { page, browser, site, peer, image } = parts
    const second = await openSecond(browser, site.url)
    const session = await browser.context.newCDPSession(page)
    const path = `/v2/team/app/blobs/${image.layer}`
    const interrupt = () => hang(session)
    const pulled = await interrupted(second, { path, peer, bytes: 8 * MEBIBYTE, interrupt })
    expect(pulled).toEqual({ status: 200, digest: image.layer, size: 48 * MEBIBYTE })
    await expect.poll(() => isLeading(second)).toBe(true)
    await session.detach()
    expect(await isLeading(page)).toBe(false)
    expect(await leaders(second)).toHaveLength(1)
  })
})

/** Freezes the tab until the session ends. */
async function hang(session: CDPSession): Promise<void> {
  await session.send('Debugger.enable')
  const hangs = new Promise((resolve) => session.once('Debugger.paused', resolve))
  await session.send('Debugger.pause')
  session.send('Runtime.evaluate', { expression: '0' }).catch(() => {}) // resolves when the tab is resumed
  await hangs
}
