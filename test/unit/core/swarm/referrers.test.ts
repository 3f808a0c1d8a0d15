import { describe, expect, it } from 'vitest'
import { silentLog } from '../../../../src/core/log.ts'
import { type Digest, digestOf as hash } from '../../../../src/core/oci/digest.ts'
import { createMembership } from '../../../../src/core/swarm/lookup/membership.ts'
import { createPeerBackoff } from '../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createContentRouting } from '../../../../src/core/swarm/lookup/providers.ts'
import { createTrust } from '../../../../src/core/swarm/lookup/trust.ts'
import { createManifests } from '../../../../src/core/swarm/manifests.ts'
import { newNonce } from '../../../../src/core/swarm/protocol/nonce.ts'
import { referrersStatement, signStatement } from '../../../../src/core/swarm/protocol/statements.ts'
import { createReferrers } from '../../../../src/core/swarm/referrers.ts'
import type { HandlerResponse } from '../../../../src/core/swarm/serve/handler.ts'
import { createRequestHandler } from '../../../../src/core/swarm/serve/handler.ts'
import { createSharePolicy } from '../../../../src/core/swarm/serve/share-policy.ts'
import { createSmallReads } from '../../../../src/core/swarm/small-reads.ts'
import { cacheReferrer, referrerOf } from '../../../support/cached-referrer.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { chunks, createMemoryNetwork } from '../../../support/memory-network.ts'
import { digestOf, pushImage, pushManifest } from '../../../support/push.ts'

type Setting = Awaited<ReturnType<typeof open>>

interface Listed {
  readonly annotations: Readonly<Record<string, string>>
}

interface Believing {
  readonly trust?: readonly string[]
  readonly referrers?: 'trusted' | 'all'
}

async function open({ trust = ['one', 'two', 'inventor'], referrers = 'trusted' }: Believing = {}) {
  const here = await openInMemoryRegistry()
  const { store } = here
  const network = createMemoryNetwork()
  const backoff = createPeerBackoff()
  const settings = { timeout: 1000, stall: 2000, referrers, dht: { enabled: false, protocol: '' } }
  const parts = { network: network.join('here'), backoff, settings, log: silentLog }
  const routing = createContentRouting(parts)
  const membership = createMembership(routing, store.catalog)
  const reads = createSmallReads({ ...parts, routing, membership, digestOf: hash })
  const manifests = createManifests({ ...parts, reads, store, check() {} })
  const trusted = createTrust({ trust: [...trust], key: undefined })
  const merging = createReferrers({ ...parts, manifests, membership, store, trust: trusted })
  return {
    here,
    network,
    backoff,
    merge: (subject: string) =>
      merging.merge('a', subject as Digest, { signal: AbortSignal.timeout(10_000) }),
    async list(subject: string) {
      const response = await here.fetch('GET', `/v2/a/referrers/${subject}`)
      const { manifests } = (await response.json()) as { manifests: Listed[] }
      return manifests
        .map(
          ({ annotations }) =>
            `${annotations.by}${annotations['vnd.flotilla.peer'] ? ` of ${annotations['vnd.flotilla.peer']}` : ''}`,
        )
        .sort()
    },
    [Symbol.asyncDispose]: here.close,
  }
}

/** A registry that answers as a peer does. */
async function joinRegistry({ network }: Setting, peer: string): Promise<InMemoryRegistry> {
  const registry = await openInMemoryRegistry()
  const { catalog } = registry.store
  const sharing = createSharePolicy({ allow: ['.*'], deny: ['closed'] }, catalog)
  const self = network.join(
    peer,
    createRequestHandler({
      disk: registry.disk,
      catalog,
      sharing,
      trust: { isTrusted: () => true },
      signTag: async () => undefined,
      sign: (statement) => signStatement(self, statement),
    }),
  )
  return registry
}

describe('referrers', () => {
  it('are those of all peers together, and stay', async () => {
    await using setting = await open()
    await using one = await joinRegistry(setting, 'one')
    await using two = await joinRegistry(setting, 'two')
    const subject = await pushImage(setting.here, 'a')
    await pushImage(setting.here, 'a', { subject, annotations: { by: 'here' } })
    for (const by of ['one', 'both']) await pushImage(one, 'elsewhere', { subject, annotations: { by } })
    for (const by of ['two', 'both']) await pushImage(two, 'a', { subject, annotations: { by } })
    await pushImage(two, 'closed', { subject, annotations: { by: 'closed' } })
    await setting.merge(subject.digest)
    expect(await setting.list(subject.digest)).toEqual([
      expect.stringMatching(/^both of (one|two)$/),
      'here',
      'one of one',
      'two of two',
    ])
  })

  it('that are here are not pulled again', async () => {
    await using setting = await open()
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(one, 'a')
    await pushImage(one, 'a', { subject })
    await setting.merge(subject.digest)
    await setting.merge(subject.digest)
    expect(setting.network.requests).toEqual(['referrers one', 'have one', 'range one', 'referrers one'])
  })

  it('come from others when a peer fails', async () => {
    await using setting = await open({ trust: ['silent', 'odd', 'one'] })
    setting.network.join('silent', () => new Promise(() => {}))
    setting.network.join('odd', () => ({ value: { digests: 'all' } }))
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(one, 'a')
    await pushImage(one, 'a', { subject, annotations: { by: 'one' } })
    await setting.merge(subject.digest)
    expect(await setting.list(subject.digest)).toEqual(['one of one'])
  })

  it('are not requested from strangers, unless all are to be listed', async () => {
    await using setting = await open({ trust: [] })
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(one, 'a')
    await pushImage(one, 'a', { subject, annotations: { by: 'one' } })
    await setting.merge(subject.digest)
    expect(setting.network.requests).toEqual([])
    await using widened = await open({ trust: [], referrers: 'all' })
    await using other = await joinRegistry(widened, 'one')
    await pushImage(other, 'a', { subject, annotations: { by: 'one' } })
    await widened.merge(subject.digest)
    expect(await widened.list(subject.digest)).toEqual(['one of one'])
  })

  it('that came by their digest alone are listed when a trusted peer lists them', async () => {
    await using setting = await open()
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(setting.here, 'a')
    await cacheReferrer(setting.here, subject, null, { annotations: { by: 'somebody' } })
    expect(await setting.list(subject.digest)).toEqual([])
    await pushManifest(one, 'a', referrerOf(subject, { annotations: { by: 'somebody' } }))
    await setting.merge(subject.digest)
    expect(await setting.list(subject.digest)).toEqual(['somebody of one'])
    expect(setting.network.requests).toEqual(['referrers one'])
  })

  it('count as pushed when they are pushed', async () => {
    await using setting = await open()
    const subject = await pushImage(setting.here, 'a')
    await cacheReferrer(setting.here, subject, 'one')
    expect(await setting.list(subject.digest)).toEqual(['one of one'])
    await pushManifest(setting.here, 'a', referrerOf(subject, { annotations: { by: 'one' } }))
    expect(await setting.list(subject.digest)).toEqual(['one'])
  })

  it('tell the peer, whatever they say themselves', async () => {
    await using setting = await open()
    const subject = await pushImage(setting.here, 'a')
    await cacheReferrer(setting.here, subject, 'one', {
      annotations: { by: 'x', 'vnd.flotilla.peer': 'two' },
    })
    expect(await setting.list(subject.digest)).toEqual(['x of one'])
  })

  it('that strangers list are then a trusted peer’s, if it lists them too', async () => {
    await using setting = await open({ trust: ['one'], referrers: 'all' })
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(setting.here, 'a')
    await cacheReferrer(setting.here, subject, 'stranger', { annotations: { by: 'x' } })
    await pushManifest(one, 'a', referrerOf(subject, { annotations: { by: 'x' } }))
    await setting.merge(subject.digest)
    expect(await setting.list(subject.digest)).toEqual(['x of one'])
  })
})

/** A peer that has made up referrers, each another manifest. */
function joinInventor(
  { network }: Setting,
  texts: readonly string[],
  { name = 'inventor', signs = true, gives = true }: { name?: string; signs?: boolean; gives?: boolean } = {},
): void {
  const byDigest = new Map(texts.map((text) => [digestOf(text) as Digest, text]))
  type Asked = { digests: Digest[]; digest: Digest; nonce: string }
  const answers: Record<string, (question: Asked) => HandlerResponse | Promise<HandlerResponse>> = {
    referrers: async ({ digest, nonce }) => {
      const digests = [...byDigest.keys()]
      const statement = referrersStatement(signs ? nonce : newNonce(), digest, digests)
      return { value: { digests, signature: await signStatement(self, statement) } }
    },
    have: ({ digests }) => ({
      value: {
        offers: digests.map((digest) => ({
          size: byDigest.get(digest)!.length,
          mediaType: JSON.parse(byDigest.get(digest)!).mediaType,
        })),
      },
    }),
    range: ({ digest }) => {
      if (!gives) return { value: null }
      const { length } = byDigest.get(digest)!
      return { value: { size: length, length }, body: chunks(byDigest.get(digest)!) }
    },
  }
  const self = network.join(name, (question: never) => answers[question['ask'] as string]!(question))
}

const SUBJECT = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('x'), size: 1 }

const referrer = (by: string, subject = SUBJECT): string =>
  JSON.stringify(referrerOf(subject, { annotations: { by } }))

const many = (count: number, by = ''): string[] =>
  Array.from({ length: count }, (_, number) => referrer(`${by}${number}`))

describe('a peer that makes referrers up', () => {
  it.each([
    ['of another subject', referrer('x', { ...SUBJECT, digest: digestOf('y') })],
    ['of no subject', referrer('x').replace(/"subject":\{[^}]*\},/, '')],
  ])('%s is not believed', async (_, text) => {
    await using setting = await open()
    joinInventor(setting, [text])
    await setting.merge(SUBJECT.digest)
    expect(await setting.here.disk.get(digestOf(text) as Digest)).toBeUndefined()
    expect(setting.backoff.blockOf('inventor')?.fault).toBe('lied')
  })

  it('in the name of another is not believed', async () => {
    await using setting = await open()
    joinInventor(setting, [referrer('x')], { signs: false })
    await setting.merge(SUBJECT.digest)
    expect(await setting.list(SUBJECT.digest)).toEqual([])
    expect(setting.backoff.blockOf('inventor')?.fault).toBe('lied')
  })

  it('and does not give what it lists does not keep others from giving it', async () => {
    await using setting = await open()
    joinInventor(setting, [referrer('x')], { gives: false })
    joinInventor(setting, [referrer('x')], { name: 'one' })
    await setting.merge(SUBJECT.digest)
    expect(await setting.list(SUBJECT.digest)).toEqual(['x of one'])
  })

  it('gets a bounded number of them in, however often', async () => {
    await using setting = await open()
    joinInventor(setting, many(1000))
    for (let time = 0; time < 3; time++) await setting.merge(SUBJECT.digest)
    expect(await setting.list(SUBJECT.digest)).toHaveLength(64)
  })

  it('gets none in that is large', async () => {
    await using setting = await open()
    const size = 64 * 1024 - referrer('').length
    joinInventor(setting, [referrer('x'.repeat(size)), referrer('y'.repeat(size + 1))])
    await setting.merge(SUBJECT.digest)
    expect((await setting.list(SUBJECT.digest)).map(([by]) => by)).toEqual(['x'])
  })

  it('takes no place of what is pushed', async () => {
    await using setting = await open()
    for (const text of many(100, 'pushed ')) await pushManifest(setting.here, 'a', text)
    joinInventor(setting, [...many(100, 'pushed '), ...many(100, 'made up ')])
    await setting.merge(SUBJECT.digest)
    const listed = await setting.list(SUBJECT.digest)
    expect(listed.filter((by) => by.startsWith('pushed'))).toHaveLength(100)
  })

  it('gives its own places to what it lists now', async () => {
    await using setting = await open()
    joinInventor(setting, many(64, 'old '))
    await setting.merge(SUBJECT.digest)
    joinInventor(setting, [referrer('new'), ...many(64, 'old ')])
    await setting.merge(SUBJECT.digest)
    const listed = await setting.list(SUBJECT.digest)
    expect(listed).toHaveLength(64)
    expect(listed).toContain('new of inventor')
    expect(listed).not.toContain('old 63 of inventor')
  })
})

describe('many strangers, where all are to be listed', () => {
  const strangers = Array.from({ length: 10 }, (_, number) => `stranger ${number}`)

  it('get no more in than there is room, and none of a trusted peer’s out', async () => {
    await using setting = await open({ trust: ['one'], referrers: 'all' })
    for (const name of strangers) joinInventor(setting, many(100, name), { name })
    await setting.merge(SUBJECT.digest)
    expect(await setting.list(SUBJECT.digest)).toHaveLength(512)
    joinInventor(setting, [referrer('genuine')], { name: 'one' })
    await setting.merge(SUBJECT.digest)
    const listed = await setting.list(SUBJECT.digest)
    expect(listed).toHaveLength(512)
    expect(listed).toContain('genuine of one')
    await setting.merge(SUBJECT.digest)
    expect(await setting.list(SUBJECT.digest)).toContain('genuine of one')
  })

  it('share the room among themselves', async () => {
    await using setting = await open({ trust: [], referrers: 'all' })
    for (const name of strangers.slice(0, 8)) joinInventor(setting, many(64, name), { name })
    await setting.merge(SUBJECT.digest)
    joinInventor(setting, [referrer('late')], { name: 'late' })
    await setting.merge(SUBJECT.digest)
    const listed = await setting.list(SUBJECT.digest)
    expect(listed).toHaveLength(512)
    expect(listed).toContain('late of late')
  })
})
