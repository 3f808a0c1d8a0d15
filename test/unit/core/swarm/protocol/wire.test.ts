/**
 * The bytes of the protocol, held to a recording. An older version pulled an image from another peer of that version;
 * `exchanges.json` has each request and response of it, in the order in which they were sent. Peers of both versions
 * understand each other as long as these tests pass without a new recording.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../../../../src/core/log.ts'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../../src/core/oci/media-type.ts'
import { createPeerLists } from '../../../../../src/core/swarm/lookup/peer-lists.ts'
import type { Network } from '../../../../../src/core/swarm/ports.ts'
import { encodeFrame, readFrame, readResponse } from '../../../../../src/core/swarm/protocol/frame.ts'
import { MAX_REQUEST_BYTES } from '../../../../../src/core/swarm/protocol/limits.ts'
import type { RequestHandler } from '../../../../../src/core/swarm/serve/handler.ts'
import exchanges from '../../../../fixtures/wire/exchanges.json' with { type: 'json' }
import { configOf, type InMemoryRegistry } from '../../../../support/in-memory-registry.ts'
import type { MemoryNetwork } from '../../../../support/memory-network.ts'
import { pushBlob, pushManifest } from '../../../../support/push.ts'
import { openPeer } from '../open-peer.ts'

/** What was fixed in the recording: the time, the nonces, and the key that signs. */
const NOW = 1_700_000_000_000
const NONCE_BYTE = 1
const KEY = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
})
const PUBLIC_KEY: KeyObject = createPublicKey(KEY)

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW })
  vi.spyOn(crypto, 'getRandomValues').mockImplementation(
    (bytes) => (bytes as Uint8Array<ArrayBuffer>).fill(NONCE_BYTE) as never,
  )
})

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const receiverOf = (hex: string) => {
  let rest = Buffer.from(hex, 'hex')
  return {
    async read(maxBytes: number) {
      const chunk = rest.subarray(0, maxBytes)
      rest = rest.subarray(chunk.length)
      return chunk.length > 0 ? chunk : undefined
    },
  }
}

async function* once(hex: string): AsyncGenerator<Uint8Array> {
  if (hex) yield Buffer.from(hex, 'hex')
}

const networkOf = (self: string, request: Network['request']): Network => ({
  self,
  peers: () => (self === 'here' ? ['there'] : []),
  request,
  async *findProviders() {},
  async provide() {},
  sign: async (bytes) => sign(null, bytes, KEY),
  verify: async (_, bytes, signature) => verify(null, bytes, PUBLIC_KEY, signature),
})

/** The image of the recording. */
async function push(registry: InMemoryRegistry) {
  const layerType = 'application/vnd.oci.image.layer.v1.tar'
  // Its digest is sha512, so that even this small layer has a list of leaves.
  const layer = await pushBlob(registry, 'a', 'x'.repeat(1000), layerType, 'sha512')
  const config = await pushBlob(registry, 'a', '{}', 'application/vnd.oci.image.config.v1+json')
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [layer] }
  const image = await pushManifest(registry, 'a', manifest, 'v1')
  await pushManifest(registry, 'a', { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], subject: image })
  const { leaves } = registry.store.catalog
  await expect.poll(() => leaves.get(layer.digest as Digest)).toBeTruthy()
  return { layer, image }
}

describe('a frame', () => {
  it.each(exchanges)('of "$ask" is read, and written with the same bytes', async ({ request, response }) => {
    const message = await readFrame(receiverOf(request), MAX_REQUEST_BYTES)
    expect(toHex(encodeFrame(message))).toBe(request)
    const value = await readResponse(receiverOf(response))
    expect(toHex(encodeFrame({ ok: value }))).toBe(response)
  })
})

it('responds to the recorded requests with the recorded bytes', async () => {
  let handler: RequestHandler = async () => ({ value: null })
  const unreachable: Network['request'] = async () => Promise.reject(new Error('unreachable'))
  const join: MemoryNetwork['join'] = (name, responds) => {
    handler = responds as RequestHandler
    return networkOf(name, unreachable)
  }
  await using there = await openPeer({ join }, 'there')
  await push(there)
  for (const { ask, request, response, bytes } of exchanges) {
    const message = await readFrame(receiverOf(request), MAX_REQUEST_BYTES)
    const ending = new AbortController()
    const { value, body } = await handler(message, 'here', { signal: ending.signal })
    expect([ask, toHex(encodeFrame({ ok: value }))]).toEqual([ask, response])
    let sent = ''
    for await (const chunk of body ?? []) {
      sent += toHex(chunk)
      if (sent.length >= bytes.length) break
    }
    ending.abort()
    expect([ask, sent]).toEqual([ask, bytes])
  }
})

it('pulls the recorded image, with the recorded requests alone', async () => {
  const asked = new Set<string>()
  const replay: Network['request'] = async (_, message) => {
    const frame = toHex(encodeFrame(message))
    const exchange = exchanges.find(({ request }) => request === frame)
    if (!exchange) throw new Error(`not recorded: ${JSON.stringify(message)}`)
    asked.add(exchange.ask)
    return { value: await readResponse(receiverOf(exchange.response)), bytes: once(exchange.bytes) }
  }
  const join = (name: string) => networkOf(name, replay)
  await using here = await openPeer({ join }, 'here', ['there'])
  const manifest = await here.fetch('GET', '/v2/a/manifests/v1')
  const { layers } = (await manifest.json()) as { layers: [{ digest: string }] }
  const layer = await here.fetch('GET', `/v2/a/blobs/${layers[0].digest}`)
  expect(await layer.text()).toBe('x'.repeat(1000))
  const image = manifest.headers.get('docker-content-digest')
  const referrers = await here.fetch('GET', `/v2/a/referrers/${image}`)
  expect(await referrers.json()).toMatchObject({ manifests: [{ mediaType: OCI_INDEX }] })
  const settings = configOf().swarm
  const lists = createPeerLists({ network: networkOf('here', replay), settings, log: silentLog })
  const signal = AbortSignal.timeout(10_000)
  const { entries } = await lists.repositories('there', { limit: 10 }, { signal })
  expect(entries).toMatchObject([{ name: 'a', tags: 1 }])
  expect(await lists.tags('there', 'a', { limit: 10 }, { signal })).toMatchObject({
    entries: [{ name: 'v1' }],
  })
  expect([...asked].sort()).toEqual(['have', 'leaves', 'range', 'referrers', 'repositories', 'tag', 'tags'])
})
