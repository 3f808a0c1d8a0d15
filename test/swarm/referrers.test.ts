import { describe, expect, it } from 'vitest'
import { silentLog } from '../../src/core/log.ts'
import { type Digest, digestOf as hash } from '../../src/core/oci/digest.ts'
import type { Answer } from '../../src/core/swarm/answers.ts'
import { createAnswers } from '../../src/core/swarm/answers.ts'
import { createFinder } from '../../src/core/swarm/holders.ts'
import { createManifests } from '../../src/core/swarm/manifests.ts'
import { createReferrers } from '../../src/core/swarm/referrers.ts'
import { createSharing } from '../../src/core/swarm/sharing.ts'
import { createStanding, type Standing } from '../../src/core/swarm/standing.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../support/in-memory-registry.ts'
import { digestOf, pushImage } from '../support/push.ts'
import { chunks, createTestNetwork, type TestNetwork } from './network.ts'

interface Setting extends AsyncDisposable {
  readonly here: InMemoryRegistry
  readonly network: TestNetwork
  readonly standing: Standing
  merge(subject: string): Promise<void>
  /** What the registry lists, by the annotation `by`. */
  list(subject: string): Promise<string[]>
}

async function open(): Promise<Setting> {
  const here = await openInMemoryRegistry()
  const { store } = here
  const network = createTestNetwork()
  const standing = createStanding()
  const settings = { timeout: 1000, stall: 2000, dht: { enabled: false, protocol: '' } }
  const parts = { network: network.join('here'), standing, settings, log: silentLog }
  const manifests = createManifests({
    ...parts,
    finder: createFinder(parts),
    store,
    digestOf: hash,
    check() {},
  })
  const referrers = createReferrers({ ...parts, manifests, catalog: store.catalog })
  return {
    here,
    network,
    standing,
    merge: (subject) => referrers.merge('a', subject as Digest, { signal: AbortSignal.timeout(10_000) }),
    async list(subject) {
      const response = await here.fetch('GET', `/v2/a/referrers/${subject}`)
      const { manifests } = (await response.json()) as { manifests: { annotations: { by: string } }[] }
      return manifests.map(({ annotations }) => annotations.by).sort()
    },
    [Symbol.asyncDispose]: here.close,
  }
}

/** A registry that answers as a peer does. */
async function joinRegistry({ network }: Setting, peer: string): Promise<InMemoryRegistry> {
  const registry = await openInMemoryRegistry()
  const { catalog } = registry.store
  const sharing = createSharing({ allow: ['.*'], deny: ['closed'] }, catalog)
  network.join(peer, createAnswers({ disk: registry.disk, catalog, sharing, signTag: async () => undefined }))
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
    expect(await setting.list(subject.digest)).toEqual(['both', 'here', 'one', 'two'])
  })

  it('that are here are not brought again', async () => {
    await using setting = await open()
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(one, 'a')
    await pushImage(one, 'a', { subject })
    await setting.merge(subject.digest)
    await setting.merge(subject.digest)
    expect(setting.network.questions).toEqual(['referrers one', 'have one', 'range one', 'referrers one'])
  })

  it('come from others when a peer fails', async () => {
    await using setting = await open()
    setting.network.joinStranger('silent', () => new Promise(() => {}))
    setting.network.joinStranger('odd', () => ({ value: { digests: 'all' } }))
    await using one = await joinRegistry(setting, 'one')
    const subject = await pushImage(one, 'a')
    await pushImage(one, 'a', { subject, annotations: { by: 'one' } })
    await setting.merge(subject.digest)
    expect(await setting.list(subject.digest)).toEqual(['one'])
  })
})

/** A peer that has made up referrers, each another manifest. */
function joinInventor({ network }: Setting, texts: readonly string[]): void {
  const byDigest = new Map(texts.map((text) => [digestOf(text), text]))
  const answers: Record<string, (question: { digests: string[]; digest: string }) => Answer> = {
    referrers: () => ({ value: { digests: [...byDigest.keys()] } }),
    have: ({ digests }) => ({
      value: {
        offers: digests.map((digest) => ({
          size: byDigest.get(digest)!.length,
          mediaType: JSON.parse(byDigest.get(digest)!).mediaType,
        })),
      },
    }),
    range: ({ digest }) => {
      const { length } = byDigest.get(digest)!
      return { value: { size: length, length }, body: chunks(byDigest.get(digest)!) }
    },
  }
  network.joinStranger('inventor', (question: never) => answers[question['ask'] as string]!(question))
}

const SUBJECT = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: digestOf('x'), size: 1 }

const referrer = (by: string, subject: object | undefined = SUBJECT): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [],
    subject,
    annotations: { by },
  })

describe('a peer that makes referrers up', () => {
  it.each([
    ['of another subject', referrer('x', { ...SUBJECT, digest: digestOf('y') })],
    ['of no subject', referrer('x', undefined).replace(/"subject":\{[^}]*\},/, '')],
  ])('%s is not believed', async (_, text) => {
    await using setting = await open()
    joinInventor(setting, [text])
    await setting.merge(SUBJECT.digest)
    expect(await setting.here.disk.get(digestOf(text) as Digest)).toBeUndefined()
    expect(setting.standing.asideOf('inventor')?.fault).toBe('lied')
  })

  it('gets a bounded number of them in', async () => {
    await using setting = await open()
    joinInventor(
      setting,
      Array.from({ length: 1000 }, (_, number) => referrer(String(number))),
    )
    await setting.merge(SUBJECT.digest)
    expect(await setting.list(SUBJECT.digest)).toHaveLength(64)
  })

  it('gets no more in where there are very many', async () => {
    await using setting = await open()
    setting.here.store.catalog.sharing.countReferrers = async () => 1000
    joinInventor(setting, [referrer('x')])
    await setting.merge(SUBJECT.digest)
    expect(setting.network.questions).toEqual([])
  })
})
