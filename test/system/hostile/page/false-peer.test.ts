/**
 * Who: a false peer that a page's registry asks by HTTP, or somebody between it and a true one.
 * Tries: to claim the id of a peer that the user trusts, and to replay what that peer once signed, so that the
 * browser pulls an older image; or to list their own documents as referrers.
 * Gets: nothing without a proof of the id. The proof can be passed on, if the true peer is asked for it at that
 * moment; but a tag or a list counts only if the true peer signs it for that very request, and then it is true.
 */

import { type Browser, chromium, type Page } from 'playwright'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { chromiumOptions } from '../../../support/chromium.ts'
import { digestOf } from '../../../support/digest.ts'
import { type RegistryProcess, startRegistry } from '../../../support/registry-process.ts'
import { type RegistryPeer, startRegistryPeer } from '../../peers/registry-peer.ts'
import {
  artifactOf,
  attach,
  type Listed,
  type Pushed,
  pushImage,
  SIGNATURE,
  VEX,
} from '../support/artifacts.ts'
import { answerOf, type Falsehood, openFalsePeer } from './false-peer.ts'

/** A page's `navigator.serviceWorker`, as far as it is needed here. */
interface Container {
  readonly controller: { readonly state: string } | null
}

const APP = 'library/app'
const NONCE = 'A'.repeat(22)

let truth: RegistryPeer
let id: string
let recent: Pushed
let signature: Pushed
let site: RegistryProcess
let browser: Browser
let page: Page

afterEach(() => page.context().close())

/** What the true peer said while it had only the old image. */
const saved: { tag?: Uint8Array; proof?: Uint8Array } = {}

beforeAll(async () => {
  truth = await startRegistryPeer([], { environment: { REGISTRY_HTTP_CORS_ORIGINS: '["*"]' } })
  id = await truth.id()
  await pushImage(truth, APP, 'latest', 'old')
  saved.tag = await bytesOf('/flotilla/ask', { ask: 'tag', repository: APP, tag: 'latest', nonce: NONCE })
  saved.proof = await bytesOf(`/flotilla/peer?nonce=${NONCE}`)
  recent = await pushImage(truth, APP, 'latest', 'recent')
  signature = await attach(truth, APP, recent, SIGNATURE)
  site = await startRegistry()
  browser = await chromium.launch(chromiumOptions())
})

afterAll(async () => {
  await browser.close()
  await site[Symbol.asyncDispose]()
  await truth[Symbol.asyncDispose]()
})

async function bytesOf(path: string, question?: object): Promise<Uint8Array> {
  const headers = { 'Content-Type': 'application/json' }
  const init = question && { method: 'POST', headers, body: JSON.stringify(question) }
  const response = await fetch(truth.url + path, init)
  expect(response.status).toBe(200)
  return new Uint8Array(await response.arrayBuffer())
}

/** A page whose user trusts the true peer, and has named the one at this address. */
async function openPage(peer: string): Promise<void> {
  page = await (await browser.newContext()).newPage()
  await page.goto(site.url)
  await page.waitForFunction(() => {
    const { serviceWorker } = globalThis.navigator as unknown as { serviceWorker: Container }
    return serviceWorker.controller?.state === 'activated'
  })
  const settings = JSON.stringify({ budget: null, peers: [peer], trust: [id] })
  const put = (body: string) =>
    fetch('/flotilla/settings', { method: 'PUT', body }).then(({ status }) => status)
  expect(await page.evaluate(put, settings)).toBe(200)
}

const reached = (): Promise<string[]> =>
  page.evaluate(async () => {
    const { peers } = await (await fetch('/flotilla/peers')).json()
    return peers.map((peer: { id: string }) => peer.id)
  })

/** The digest, or the status of a failure. */
const pull = (): Promise<string | number> =>
  page.evaluate(async (path) => {
    const { headers, status } = await fetch(path)
    return headers.get('docker-content-digest') ?? status
  }, `/v2/${APP}/manifests/latest`)

const referrers = (): Promise<Listed[]> =>
  page.evaluate(
    async (path) => (await (await fetch(path)).json()).manifests,
    `/v2/${APP}/referrers/${recent.digest}`,
  )

const multiaddrOf = ({ url }: RegistryProcess): string => `/ip4/127.0.0.1/tcp/${new URL(url).port}/http`

const claim = () => Buffer.from(JSON.stringify({ id, addresses: [] }))

const playTag: Falsehood = { answer: ({ ask }) => (ask === 'tag' ? saved.tag : undefined) }

describe.each([
  ['as the address says nothing of an id', () => ''],
  ['though the address names the id', () => `/p2p/${id}`],
])('a false peer, %s', (_, suffix) => {
  test.each<[string, Falsehood]>([
    ['that claims an id without a proof', { ...playTag, introduce: claim }],
    ['that plays an old proof', { ...playTag, introduce: () => saved.proof }],
  ])('%s, is no peer', async (_, falsehood) => {
    await using peer = await openFalsePeer(truth.url, falsehood)
    await openPage(peer.multiaddr + suffix())
    await expect.poll(peer.introductions).toBeGreaterThan(0)
    expect(await pull()).toBe(404)
    expect(await reached()).toEqual([])
  })

  test('that has the proof of the true one leads nobody back to an old image', async () => {
    await using peer = await openFalsePeer(truth.url, playTag)
    await openPage(peer.multiaddr + suffix())
    await expect.poll(reached).toEqual([id])
    expect(await pull()).toBe(404)
  })

  test('that passes everything on shows what is true now', async () => {
    await using peer = await openFalsePeer(truth.url, {})
    await openPage(peer.multiaddr + suffix())
    await expect.poll(reached).toEqual([id])
    expect(await pull()).toBe(recent.digest)
  })

  test('that has the proof of the true one attaches nothing to an image', async () => {
    const vex = Buffer.from(artifactOf('not affected by anything', { subject: recent, artifactType: VEX }))
    const digest = digestOf(String(vex))
    const made: Record<string, () => Uint8Array> = {
      referrers: () => answerOf({ digests: [digest], signature: 'A'.repeat(86) }),
      have: () => answerOf({ offers: [{ size: vex.length, mediaType: recent.mediaType }] }),
      range: () => answerOf({ size: vex.length, length: vex.length }, vex),
    }
    await using peer = await openFalsePeer(truth.url, { answer: ({ ask }) => made[ask]?.() })
    await openPage(peer.multiaddr + suffix())
    await expect.poll(reached).toEqual([id])
    expect(await referrers()).toEqual([])
  })
})

test('the true peer is believed, and stands at what it lists', async () => {
  await openPage(`${multiaddrOf(truth)}/p2p/${id}`)
  await expect.poll(reached).toEqual([id])
  expect(await pull()).toBe(recent.digest)
  await expect
    .poll(referrers)
    .toMatchObject([{ digest: signature.digest, annotations: { 'vnd.flotilla.peer': id } }])
})

test('another address than that of the id that it names is not used', async () => {
  await using other = await startRegistryPeer([], { environment: { REGISTRY_HTTP_CORS_ORIGINS: '["*"]' } })
  await pushImage(other, APP, 'latest', 'of another')
  await openPage(`${multiaddrOf(other)}/p2p/${id}`)
  expect(await pull()).toBe(404)
  expect(await reached()).toEqual([])
})
