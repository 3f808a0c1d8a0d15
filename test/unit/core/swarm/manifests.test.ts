import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../../src/core/log.ts'
import { type Digest, digestOf as hash } from '../../../../src/core/oci/digest.ts'
import { RegistryError } from '../../../../src/core/oci/error.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { createMembership } from '../../../../src/core/swarm/lookup/membership.ts'
import { createPeerBackoff, type PeerBackoff } from '../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createContentRouting } from '../../../../src/core/swarm/lookup/providers.ts'
import { createManifests, type Manifests } from '../../../../src/core/swarm/manifests.ts'
import type { PeerId } from '../../../../src/core/swarm/ports.ts'
import type { Offer } from '../../../../src/core/swarm/protocol/messages.ts'
import type { HandlerResponse } from '../../../../src/core/swarm/serve/handler.ts'
import { createSmallReads } from '../../../../src/core/swarm/small-reads.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { chunks, createMemoryNetwork, type MemoryNetwork } from '../../../support/memory-network.ts'
import { digestOf, imageOf } from '../../../support/push.ts'

const CONFIG = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf('{}'), size: 2 }
const IMAGE = JSON.stringify(imageOf(CONFIG, []))
const DIGEST = digestOf(IMAGE) as Digest
const SIZE = IMAGE.length

interface Peer extends AsyncDisposable {
  readonly registry: InMemoryRegistry
  readonly network: MemoryNetwork
  readonly backoff: PeerBackoff
  readonly manifests: Manifests
  bring(digest?: string): ReturnType<Manifests['pull']>
}

async function open(check: () => void = () => {}, stall = 1000): Promise<Peer> {
  const registry = await openInMemoryRegistry()
  const network = createMemoryNetwork()
  const backoff = createPeerBackoff()
  const settings = { timeout: 300, stall, dht: { enabled: false, protocol: '' } }
  const parts = { network: network.join('here'), backoff, settings, log: silentLog }
  const routing = createContentRouting(parts)
  const { store } = registry
  const membership = createMembership(routing, store.catalog)
  const reads = createSmallReads({ ...parts, routing, membership, digestOf: hash })
  const manifests = createManifests({ ...parts, reads, store, check })
  return {
    registry,
    network,
    backoff,
    manifests,
    bring: (digest = DIGEST) =>
      manifests.pull({ repository: 'a', digest: digest as Digest }, { signal: AbortSignal.timeout(10_000) }),
    [Symbol.asyncDispose]: registry.close,
  }
}

/** A peer that offers the image, and answers a question for its bytes like this. */
function joinHolder(
  { network }: Peer,
  peer: PeerId,
  answer: Partial<HandlerResponse> = {},
  offer: Partial<Offer> = {},
) {
  const truth = { size: SIZE, mediaType: OCI_MANIFEST, ...offer }
  network.join(peer, ({ ask }: { ask: string }) =>
    ask === 'have'
      ? { value: { offers: [truth] } }
      : { value: { size: truth.size, length: truth.size }, body: chunks(IMAGE), ...answer },
  )
}

describe('a manifest', () => {
  it('is pulled, and its source is recorded', async () => {
    await using peer = await open()
    joinHolder(peer, 'holder')
    expect(await peer.bring()).toEqual(new Map([['holder', SIZE]]))
    const response = await peer.registry.fetch('GET', `/v2/a/manifests/${DIGEST}`)
    expect(await response.text()).toBe(IMAGE)
    expect(response.headers.get('content-type')).toBe(OCI_MANIFEST)
    const origins = await peer.registry.store.catalog.sources.of(DIGEST)
    expect(origins).toEqual([{ peer: 'holder', bytes: SIZE }])
  })

  it('is pulled by a sha512 digest, in many chunks', async () => {
    await using peer = await open()
    joinHolder(peer, 'holder', { body: chunks(...IMAGE) })
    expect(await peer.bring(digestOf(IMAGE, 'sha512'))).toBeDefined()
  })

  it('that nobody has is not', async () => {
    await using peer = await open()
    peer.network.join('other', () => ({ value: { offers: [null] } }))
    expect(await peer.bring()).toBeUndefined()
  })

  it('that would be refused as a push is not kept, and its provider not penalized', async () => {
    await using peer = await open(() => {
      throw new RegistryError('MANIFEST_INVALID')
    })
    joinHolder(peer, 'holder')
    expect(await peer.bring()).toBeUndefined()
    expect(peer.backoff.blockOf('holder')).toBeUndefined()
    expect(await peer.registry.disk.get(DIGEST)).toBeUndefined()
  })
})

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(65_536)
}

async function* silent(): AsyncGenerator<Uint8Array> {
  await new Promise(() => {})
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Buffer.from(IMAGE.slice(0, 10))
  throw new Error('connection lost')
}

const other = IMAGE.replace('{', ' ').replace(' ', '{').replaceAll('config.v1', 'config.v2')

const LIES: Record<string, [Partial<HandlerResponse>, Partial<Offer>?]> = {
  'other bytes of the same size': [{ body: chunks(other) }],
  'more bytes': [{ body: chunks(IMAGE, ' ') }],
  'bytes without end': [{ body: endless() }],
  'another size than it offered': [{ value: { size: SIZE + 1, length: SIZE } }],
  'another length than was asked for': [{ value: { size: SIZE, length: SIZE - 1 } }],
  'a media type that is not in the manifest': [{}, { mediaType: OCI_INDEX }],
  'a media type that is no manifest': [{}, { mediaType: 'text/plain' }],
  'a larger size, and zeros at its end': [{ body: chunks(IMAGE, '\0') }, { size: SIZE + 1 }],
}

const FAILURES: Record<string, [Partial<HandlerResponse>, Partial<Offer>?]> = {
  'fewer bytes': [{ body: chunks(IMAGE.slice(1)) }],
  'no bytes': [{ body: chunks() }],
  'no bytes, for ever': [{ body: silent() }],
  'some bytes and then none': [{ body: broken() }],
  'no answer': [{ value: 'what?' }],
}

const NOT_MANIFESTS: Record<string, [Partial<HandlerResponse>, Partial<Offer>?]> = {
  'that it does not have it any more': [{ value: null, body: chunks() }],
  'no media type': [{}, { mediaType: undefined as never }],
  'a size of nothing': [{}, { size: 0 }],
  'a size beyond every manifest': [{ body: endless() }, { size: 4 * 1024 * 1024 + 1 }],
}

describe.each([
  ['lied', LIES],
  ['failed', FAILURES],
  [undefined, NOT_MANIFESTS],
])('a holder that %s', (fault, cases) => {
  it.each(Object.keys(cases))('gives way to another: %s', async (name) => {
    await using peer = await open()
    joinHolder(peer, 'bad', ...cases[name]!)
    expect(await peer.bring()).toBeUndefined()
    expect(await peer.registry.disk.get(DIGEST)).toBeUndefined()
    expect(peer.backoff.blockOf('bad')?.fault).toBe(fault)
    joinHolder(peer, 'good')
    expect(await peer.bring()).toEqual(new Map([['good', SIZE]]))
  })
})

describe('several providers', () => {
  it('are tried one after the other', async () => {
    await using peer = await open()
    const liars = ['one', 'two', 'three', 'four', 'five', 'six']
    for (const name of liars) joinHolder(peer, name, { body: chunks(other) })
    joinHolder(peer, 'good')
    expect(await peer.bring()).toEqual(new Map([['good', SIZE]]))
    expect(liars.filter((name) => !peer.backoff.blockOf(name))).toEqual([])
  })

  it('are not held up by one that is slow', async () => {
    await using peer = await open(undefined, 30_000)
    joinHolder(peer, 'slow', { body: silent() })
    joinHolder(peer, 'good')
    expect(await peer.bring()).toEqual(new Map([['good', SIZE]]))
    expect(peer.backoff.blockOf('slow')).toBeUndefined()
  })
})
