import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../../../src/core/log.ts'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { createPeerBackoff } from '../../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createTrust } from '../../../../../src/core/swarm/lookup/trust.ts'
import type { Network } from '../../../../../src/core/swarm/ports.ts'
import {
  haveResponseSchema,
  leavesResponseSchema,
  rangeResponseSchema,
  referrersResponseSchema,
  tagResponseSchema,
} from '../../../../../src/core/swarm/protocol/messages.ts'
import { newNonce } from '../../../../../src/core/swarm/protocol/nonce.ts'
import {
  isStatedBy,
  referrersStatement,
  signStatement,
} from '../../../../../src/core/swarm/protocol/statements.ts'
import { createRequestHandler, type HandlerResponse } from '../../../../../src/core/swarm/serve/handler.ts'
import { createSharePolicy } from '../../../../../src/core/swarm/serve/share-policy.ts'
import { createTags } from '../../../../../src/core/swarm/tags.ts'
import { cacheReferrer } from '../../../../support/cached-referrer.ts'
import {
  configOf,
  type InMemoryRegistry,
  openInMemoryRegistry,
} from '../../../../support/in-memory-registry.ts'
import { createMemoryNetwork } from '../../../../support/memory-network.ts'
import { digestOf, pushBlob, pushImage } from '../../../../support/push.ts'

const MIB = 1024 * 1024
const MISSING = digestOf('missing')
const NONCE = newNonce()
const HTTP = { port: 1, certificate: '0'.repeat(64), ticket: 'ticket' }

/** `ask` puts a question to the registry as a peer would; `closed` repositories are not shared. */
async function open(): Promise<{
  registry: InMemoryRegistry
  network: Network
  ask: (question: unknown) => Promise<HandlerResponse>
  [Symbol.asyncDispose](): Promise<void>
}> {
  const registry = await openInMemoryRegistry()
  const { catalog } = registry.store
  const sharing = createSharePolicy({ allow: ['.*'], deny: ['closed'] }, catalog)
  const network = createMemoryNetwork().join('here')
  const trust = createTrust({ trust: ['friend'], key: undefined })
  const tags = createTags({
    network,
    trust,
    backoff: createPeerBackoff(),
    catalog,
    settings: configOf().swarm,
    log: silentLog,
  })
  const answer = createRequestHandler({
    disk: registry.disk,
    catalog,
    sharing,
    offerHttp: () => HTTP,
    trust,
    signTag: tags.sign,
    sign: (statement) => signStatement(network, statement),
  })
  return {
    registry,
    network,
    ask: (question) => answer(question, 'peer', { signal: AbortSignal.timeout(30_000) }),
    [Symbol.asyncDispose]: registry.close,
  }
}

const bodyOf = async ({ body }: HandlerResponse): Promise<string> =>
  Buffer.concat(await Array.fromAsync(body ?? [])).toString('hex')

const hex = (text: string): string => Buffer.from(text).toString('hex')

describe('have', () => {
  it('offers what is shared and here, and nothing else', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', 'open')
    const closed = await pushBlob(peer.registry, 'closed', 'closed')
    const lost = await pushBlob(peer.registry, 'a', 'lost')
    await peer.registry.disk.delete(lost.digest as Digest)
    const digests = [closed.digest, digest, MISSING, lost.digest]
    const { value } = await peer.ask({ ask: 'have', digests })
    expect(haveResponseSchema.parse(value)).toEqual({ offers: [null, { size: 4 }, null, null] })
  })

  it('names the media type of a manifest', async () => {
    await using peer = await open()
    const { digest, mediaType, size } = await pushImage(peer.registry, 'a')
    const { value } = await peer.ask({ ask: 'have', digests: [digest] })
    expect(value).toEqual({ offers: [{ size, mediaType }] })
  })

  it('names the root of what is pinned', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', 'open')
    await peer.registry.store.catalog.transaction(({ pins }) => pins.put(digest as Digest, 'root', 1))
    const { value } = await peer.ask({ ask: 'have', digests: [digest] })
    expect(value).toEqual({ offers: [{ size: 4, root: 'root' }] })
  })

  it('offers HTTPS for what is not small', async () => {
    await using peer = await open()
    const small = await pushBlob(peer.registry, 'a', new Uint8Array(MIB / 4))
    const large = await pushBlob(peer.registry, 'a', new Uint8Array(MIB / 4 + 1))
    const { value } = await peer.ask({ ask: 'have', digests: [small.digest, large.digest] })
    expect(haveResponseSchema.parse(value).offers.map((offer) => offer?.http)).toEqual([undefined, HTTP])
  })
})

describe('leaves', () => {
  it('of a blob of several are their hashes, also while they are being made', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', new Uint8Array(2 * MIB + 1))
    const answer = await peer.ask({ ask: 'leaves', digest })
    const { size, leaves, root } = leavesResponseSchema.parse(answer.value)
    expect({ size, leaves }).toEqual({ size: 2 * MIB + 1, leaves: 3 })
    expect(root).toMatch(/^bafybei/)
    const [full, last] = [new Uint8Array(MIB), new Uint8Array(1)].map((leaf) => digestOf(leaf).slice(7))
    expect(await bodyOf(answer)).toBe(`${full}${full}${last}`)
  })

  it('of a small blob is one, its own hash', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', 'open')
    const answer = await peer.ask({ ask: 'leaves', digest })
    expect(leavesResponseSchema.parse(answer.value)).toMatchObject({ size: 4, leaves: 1 })
    expect(await bodyOf(answer)).toBe(digest.slice(7))
  })

  it('of a small blob by another hash is one too', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', 'open', undefined, 'sha512')
    expect(await bodyOf(await peer.ask({ ask: 'leaves', digest }))).toBe(digestOf('open').slice(7))
  })

  it('of nothing are none', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', '')
    const answer = await peer.ask({ ask: 'leaves', digest })
    expect(leavesResponseSchema.parse(answer.value)).toMatchObject({ size: 0, leaves: 0 })
    expect(await bodyOf(answer)).toBe('')
  })
})

describe('range', () => {
  it('gives the bytes', async () => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', 'content')
    const answer = await peer.ask({ ask: 'range', digest, start: 3, end: 5 })
    expect(rangeResponseSchema.parse(answer.value)).toEqual({ size: 7, length: 3 })
    expect(await bodyOf(answer)).toBe(hex('ten'))
  })

  it.each([
    [0, 7],
    [7, 7],
    [3, 2],
    [0, Number.MAX_SAFE_INTEGER],
  ])('from %i to %i of 7 bytes is none', async (start, end) => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'a', 'content')
    expect(await peer.ask({ ask: 'range', digest, start, end })).toEqual({ value: null })
  })
})

describe('what is not here and what is not shared', () => {
  it.each(['leaves', 'range'])('look alike to %s', async (ask) => {
    await using peer = await open()
    const { digest } = await pushBlob(peer.registry, 'closed', 'content')
    const question = { ask, start: 0, end: 0 }
    expect(await peer.ask({ ...question, digest })).toEqual({ value: null })
    expect(await peer.ask({ ...question, digest: MISSING })).toEqual({ value: null })
  })
})

describe('referrers', () => {
  it('are those of shared repositories, each once', async () => {
    await using peer = await open()
    const subject = await pushImage(peer.registry, 'a')
    const one = await pushImage(peer.registry, 'a', { subject, annotations: { number: '1' } })
    await pushImage(peer.registry, 'b', { subject, annotations: { number: '1' } })
    const other = await pushImage(peer.registry, 'b', { subject, annotations: { number: '2' } })
    await pushImage(peer.registry, 'closed', { subject, annotations: { number: '3' } })
    const { value } = await peer.ask({ ask: 'referrers', digest: subject.digest, nonce: NONCE })
    const { digests } = referrersResponseSchema.parse(value)
    expect([...digests].sort()).toEqual([one.digest, other.digest].sort())
  })

  it('are signed, with the nonce', async () => {
    await using peer = await open()
    const subject = await pushImage(peer.registry, 'a')
    await pushImage(peer.registry, 'a', { subject })
    const { value } = await peer.ask({ ask: 'referrers', digest: subject.digest, nonce: NONCE })
    const { digests, signature } = referrersResponseSchema.parse(value)
    const isSigned = (nonce: string, digests: readonly Digest[]) => {
      const statement = referrersStatement(nonce, subject.digest as Digest, digests)
      return isStatedBy('here', statement, signature, peer.network.verify)
    }
    expect(await isSigned(NONCE, digests)).toBe(true)
    expect(await isSigned(NONCE, [])).toBe(false)
    expect(await isSigned(newNonce(), digests)).toBe(false)
  })

  it('are first those that were pushed, then those that peers vouch for whom it trusts, and no others', async () => {
    await using peer = await open()
    const { registry } = peer
    const subject = await pushImage(registry, 'a')
    const older = await cacheReferrer(registry, subject, 'friend', { annotations: { age: 'older' } })
    const own = await pushImage(registry, 'a', { subject })
    const newer = await cacheReferrer(registry, subject, 'friend', { annotations: { age: 'newer' } })
    await cacheReferrer(registry, subject, 'stranger')
    await cacheReferrer(registry, subject, null)
    const { value } = await peer.ask({ ask: 'referrers', digest: subject.digest, nonce: NONCE })
    const { digests } = referrersResponseSchema.parse(value)
    expect(digests).toEqual([own.digest, newer, older])
  })
})

describe('tag', () => {
  it('is a record of what it names', async () => {
    await using peer = await open()
    const before = Date.now()
    const { digest } = await pushImage(peer.registry, 'a', { tag: '1' })
    const { value } = await peer.ask({ ask: 'tag', repository: 'a', tag: '1', nonce: NONCE })
    const { record } = tagResponseSchema.parse(value)
    expect(record).toMatchObject({ digest })
    expect(record!.taggedAt).toBeGreaterThanOrEqual(before)
  })

  it('was set when it was set last', async () => {
    await using peer = await open()
    const { digest } = await pushImage(peer.registry, 'a', { tag: '1' })
    const future = Date.now() + 1000
    await peer.registry.store.catalog.transaction(({ tags }) => tags.put('a', '1', digest as Digest, future))
    const { value } = await peer.ask({ ask: 'tag', repository: 'a', tag: '1', nonce: NONCE })
    expect(tagResponseSchema.parse(value).record!.taggedAt).toBe(future)
  })

  it.each([
    ['a', 'none'],
    ['none', '1'],
    ['closed', '1'],
    ['../a', '1'],
    ['', ''],
  ])('of the repository "%s" with the name "%s" is told to nobody', async (repository, tag) => {
    await using peer = await open()
    await pushImage(peer.registry, 'a', { tag: '1' })
    await pushImage(peer.registry, 'closed', { tag: '1' })
    expect(await peer.ask({ ask: 'tag', repository, tag, nonce: NONCE })).toEqual({ value: { record: null } })
  })
})

describe('a value that is not a request', () => {
  it.each([
    undefined,
    null,
    [],
    'have',
    {},
    { ask: 'everything' },
    { ask: 'have' },
    { ask: 'have', digests: [] },
    { ask: 'have', digests: Array(257).fill(MISSING) },
    { ask: 'have', digests: ['sha256:1'] },
    { ask: 'have', digests: [1] },
    { ask: 'leaves', digest: `sha256:${'A'.repeat(64)}` },
    { ask: 'range', digest: MISSING },
    { ask: 'range', digest: MISSING, start: -1, end: 1 },
    { ask: 'range', digest: MISSING, start: 0.5, end: 1 },
    { ask: 'range', digest: MISSING, start: 0, end: 2 ** 53 },
    { ask: 'range', digest: MISSING, start: '0', end: '1' },
    { ask: 'tag', repository: 'a'.repeat(256), tag: '1', nonce: NONCE },
    { ask: 'tag', repository: { a: 1 }, tag: '1', nonce: NONCE },
    { ask: 'tag', repository: 'a', tag: '1' },
    { ask: 'tag', repository: 'a', tag: '1', nonce: 'short' },
    { ask: 'referrers', digest: MISSING },
    { ask: 'referrers', digest: MISSING, nonce: 'x'.repeat(65) },
    { ask: 'referrers', digest: MISSING, nonce: `["${NONCE}"]` },
  ])('is refused: %j', async (question) => {
    await using peer = await open()
    await expect(peer.ask(question)).rejects.toThrow()
  })
})
