/** A browser and peers that it reaches by HTTP: one that serves the page, others of other origins, and liars. */

import { createHash, randomBytes } from 'node:crypto'
import type { Page } from 'playwright'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Digest } from '../../../src/core/oci/digest.ts'
import { MIB } from '../../support/bytes.ts'
import { digestOf } from '../../support/digest.ts'
import { type RegistryOptions, type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { openValve } from '../../support/way.ts'
import { make } from '../peers/content.ts'
import { LIES, type Lie } from '../peers/lies.ts'
import { openSharedBrowser, type SharedBrowser, stopWorkers } from './support/browser.ts'
import { openHttpPeer } from './support/http-peer.ts'
import { type Site, servePage } from './support/site.ts'

const REPOSITORY = 'team/app'
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
const ANY_PAGE = { REGISTRY_HTTP_CORS_ORIGINS: '["*"]' }

const resources = new AsyncDisposableStack()
let bare: Site
let browsers: SharedBrowser

beforeAll(async () => {
  bare = resources.use(await servePage())
  browsers = resources.use(await openSharedBrowser())
})

afterAll(() => resources.disposeAsync())

async function pushBlob({ url }: RegistryProcess, content: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = digestOf(content)
  const target = `${url}/v2/${REPOSITORY}/blobs/uploads/?digest=${digest}`
  expect((await fetch(target, { method: 'POST', body: content })).status).toBe(201)
  return digest
}

/** Pushes an image with this layer under a tag. */
async function pushImage(registry: RegistryProcess, layer: Buffer<ArrayBuffer>) {
  const config = Buffer.from('{}')
  const described = async (mediaType: string, content: Buffer<ArrayBuffer>) => {
    return { mediaType, digest: await pushBlob(registry, content), size: content.length }
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: await described('application/vnd.oci.image.config.v1+json', config),
    layers: [await described('application/vnd.oci.image.layer.v1.tar', layer)],
  }
  const body = JSON.stringify(manifest)
  const headers = { 'Content-Type': MANIFEST_TYPE }
  const url = `${registry.url}/v2/${REPOSITORY}/manifests/latest`
  expect((await fetch(url, { method: 'PUT', headers, body })).status).toBe(201)
  const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`
  return { digest, config: manifest.config.digest, layer: manifest.layers[0]!.digest }
}

/** Starts a peer that any page may use. */
async function startPeer(options: RegistryOptions = {}): Promise<RegistryProcess> {
  await using started = new AsyncDisposableStack()
  const registry = started.use(await startRegistry({ swarm: [], ...options }))
  const status = async () => (await fetch(`${registry.url}/flotilla/peer`)).status
  await expect.poll(status).toBe(200)
  started.move()
  return registry
}

const multiaddrOf = ({ url }: { readonly url: string }): string =>
  `/ip4/127.0.0.1/tcp/${new URL(url).port}/http`

interface Pulled {
  readonly outcome: 'right' | 'wrong' | 'broken off' | 'refused'
  readonly source: string | null
}

/** Reads it in the page, one chunk at a time. */
const pull = (
  page: Page,
  kind: 'blobs' | 'manifests',
  reference: string,
  digest = reference,
): Promise<Pulled> =>
  page.evaluate(
    async ({ path, digest }): Promise<Pulled> => {
      const response = await fetch(path)
      const source = response.headers.get('flotilla-source')
      if (response.status === 404) return { outcome: 'refused', source }
      try {
        const hash = await crypto.subtle.digest('SHA-256', await response.arrayBuffer())
        const hex = [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
        return { outcome: digest === `sha256:${hex}` ? 'right' : 'wrong', source }
      } catch {
        return { outcome: 'broken off', source }
      }
    },
    { path: `/v2/${REPOSITORY}/${kind}/${reference}`, digest },
  )

interface Reached {
  readonly id: string
  readonly protocol: string
  /** URLs. */
  readonly addresses: readonly string[]
  readonly received: number
}

const reached = (page: Page): Promise<Reached[]> =>
  page.evaluate(async () => (await (await fetch('/flotilla/peers')).json()).peers)

const putPeers = (page: Page, peers: readonly string[]): Promise<void> =>
  page.evaluate(async (peers) => {
    const body = JSON.stringify({ budget: null, peers, trust: [] })
    await fetch('/flotilla/settings', { method: 'PUT', body })
  }, peers)

/** Waits until exactly these are connected. */
async function setPeers(page: Page, peers: readonly string[]): Promise<void> {
  await putPeers(page, peers)
  const ports = peers.map((peer) => peer.split('/')[4]!)
  const reachedPorts = async () => (await reached(page)).flatMap(({ addresses }) => addresses.map(portOf))
  await expect.poll(reachedPorts).toEqual(ports)
}

const portOf = (url: string): string => new URL(url).port

/** A page from an empty registry that is not a peer. */
async function openPage() {
  const browser = await browsers.visit()
  const page = await browser.open(bare.url)
  return { page, [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose]() }
}

/** Resolves when this much has been received from one of them. */
const received = (page: Page, bytes: number): Promise<void> =>
  expect
    .poll(async () => Math.max(...(await reached(page)).map(({ received }) => received)), {
      timeout: 60_000,
      interval: 20,
    })
    .toBeGreaterThan(bytes)

describe('the page’s own origin', () => {
  it('is a peer without being configured, and its tags are trusted; what was pulled from it stays', async () => {
    await using site = await startPeer()
    const image = await pushImage(site, randomBytes(5 * MIB + 1))
    await using browser = await browsers.visit()
    const page = await browser.open(site.url)
    const id = (await (await fetch(`${site.url}/flotilla/peer`)).json()).id
    const pullAll = async () => [
      await pull(page, 'manifests', image.digest),
      await pull(page, 'blobs', image.config),
      await pull(page, 'blobs', image.layer),
    ]
    await expect.poll(async () => (await reached(page)).map(({ id }) => id)).toEqual([id])
    expect(await pull(page, 'manifests', 'latest', image.digest)).toMatchObject({ outcome: 'right' })
    for (const { outcome } of await pullAll()) expect(outcome).toBe('right')
    const [peer] = await reached(page)
    expect(peer).toMatchObject({ id, protocol: 'http' })
    expect(peer!.received).toBeGreaterThan(5 * MIB)
    await site.kill()
    for (const pulled of await pullAll()) expect(pulled).toEqual({ outcome: 'right', source: 'disk' })
  })
})

it('what a page deletes stays deleted, although the server has it', async () => {
  await using site = await startPeer()
  const image = await pushImage(site, randomBytes(1000))
  await using browser = await browsers.visit()
  const page = await browser.open(site.url)
  await expect.poll(async () => (await reached(page)).length).toBe(1)
  const outcomes = async () => [
    (await pull(page, 'manifests', 'latest', image.digest)).outcome,
    (await pull(page, 'manifests', image.digest)).outcome,
    (await pull(page, 'blobs', image.layer)).outcome,
  ]
  const remove = (path: string) =>
    page.evaluate(async (path) => (await fetch(path, { method: 'DELETE' })).status, path)

  expect(await outcomes()).toEqual(['right', 'right', 'right'])
  expect(await remove(`/v2/${REPOSITORY}/manifests/${image.digest}`)).toBe(202)
  expect(await remove(`/v2/${REPOSITORY}/blobs/${image.layer}`)).toBe(202)
  expect(await outcomes()).toEqual(['refused', 'refused', 'refused'])
  await stopWorkers(page)
  await expect.poll(async () => (await reached(page)).length).toBe(1)
  expect(await outcomes()).toEqual(['refused', 'refused', 'refused'])
})

describe('peers of other origins', () => {
  it('are configured in the settings', async () => {
    await using peer = await startPeer({ environment: ANY_PAGE })
    const image = await pushImage(peer, randomBytes(3 * MIB))
    await using opened = await openPage()
    const { page } = opened
    expect(await pull(page, 'blobs', image.layer)).toMatchObject({ outcome: 'refused' })
    await setPeers(page, [multiaddrOf(peer)])
    await expectRight(page, image.layer)
    expect(await pull(page, 'manifests', image.digest)).toMatchObject({ outcome: 'right' })
    // Its tags are not trusted.
    expect(await pull(page, 'manifests', 'latest')).toMatchObject({ outcome: 'refused' })
  })

  it('are not asked if they do not allow pages', async () => {
    await using peer = await startPeer()
    const image = await pushImage(peer, randomBytes(1))
    await using opened = await openPage()
    const { page } = opened
    await putPeers(page, [multiaddrOf(peer)])
    expect(await pull(page, 'blobs', image.layer)).toMatchObject({ outcome: 'refused' })
    expect(await reached(page)).toEqual([])
  })

  it('take over from one that is killed half-way', async () => {
    const size = 96 * MIB
    await using first = await startPeer({ environment: ANY_PAGE })
    await using second = await startPeer({ environment: ANY_PAGE })
    const layer = randomBytes(size)
    const digest = await pushBlob(first, layer)
    await pushBlob(second, layer)
    await using opened = await openPage()
    const { page } = opened
    await setPeers(page, [multiaddrOf(first), multiaddrOf(second)])
    const pulled = pull(page, 'blobs', digest)
    await received(page, 8 * MIB)
    await first.kill()
    expect(await pulled).toMatchObject({ outcome: 'right' })
  })

  it('finish a blob of which one that was killed has sent a part', async () => {
    const size = 48 * MIB
    await using first = await startPeer({ environment: ANY_PAGE })
    await using second = await startPeer({ environment: ANY_PAGE })
    await using valve = await openValve(first.url, 24 * MIB)
    const layer = randomBytes(size)
    const { digest: image, layer: digest } = await pushImage(first, layer)
    await using opened = await openPage()
    const { page } = opened
    await setPeers(page, [multiaddrOf(valve), multiaddrOf(second)])
    await pull(page, 'manifests', image) // which has the layer's size: without it, nothing would be stored
    const pulled = pull(page, 'blobs', digest)
    await received(page, 8 * MIB)
    valve.shut()
    expect(await pulled).toMatchObject({ outcome: 'broken off' })
    await pushBlob(second, layer)
    await expectRight(page, digest)
    const rest = (await reached(page)).find(({ addresses }) => addresses.includes(second.url))
    expect(rest!.received).toBeLessThanOrEqual(size - 4 * MIB)
  })
})

/** Not these: one ends its process, which is the test's; one is only slow and takes minutes. */
const lies = (Object.keys(LIES) as Lie[]).filter((lie) => lie !== 'death' && lie !== 'a slow drip')

/** A miss is cached for a second, and the first bytes may have been false. The client's next pull succeeds. */
const expectRight = async (page: Page, digest: string): Promise<void> => {
  const outcomes: string[] = []
  const pullAgain = async () => {
    outcomes.push((await pull(page, 'blobs', digest)).outcome)
    return outcomes.at(-1)
  }
  await expect.poll(pullAgain, { timeout: 30_000, interval: 500 }).toBe('right')
  expect(outcomes).not.toContain('wrong')
}

describe('a malicious peer', () => {
  let opened: Awaited<ReturnType<typeof openPage>>

  beforeAll(async () => {
    opened = await openPage()
  })

  afterAll(() => opened[Symbol.asyncDispose]())

  it.each(lies)('with %s gets nothing stored', async (lie) => {
    const blobs = [
      { seed: `first ${lie}`, size: 6 * MIB + 12_345 },
      { seed: `second ${lie}`, size: 3 * MIB },
    ]
    const [first, second] = blobs.map((recipe) => digestOf(make(recipe))) as [Digest, Digest]
    await using liar = await openHttpPeer({ blobs, lie })
    await using honest = await openHttpPeer({ blobs, delay: 100 })
    const { page } = opened
    await setPeers(page, [liar.multiaddr])
    expect((await pull(page, 'blobs', first)).outcome).toMatch(/^(refused|broken off)$/)
    expect(liar.questions()).toBeGreaterThan(0)
    await setPeers(page, [liar.multiaddr, honest.multiaddr])
    await expectRight(page, first)
    await expectRight(page, second)
  })
})
