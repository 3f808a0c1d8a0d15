import { describe, expect, it } from 'vitest'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { pushBlob, pushImage } from '../../../support/push.ts'
import { PEER, type RemoteCall, remoteAt } from '../../../support/remote.ts'

interface Pair extends AsyncDisposable {
  readonly here: InMemoryRegistry
  readonly peer: InMemoryRegistry
  readonly asked: RemoteCall[]
  pull(tag?: string, headers?: Record<string, string>): Promise<Response>
}

/** @param age - how old a tag may be before the peer is asked again, in milliseconds */
async function openPair(age = 0): Promise<Pair> {
  const asked: RemoteCall[] = []
  const peer = await openInMemoryRegistry()
  const here = await openInMemoryRegistry({}, remoteAt(peer, asked, { age }))
  return {
    here,
    peer,
    asked,
    pull: (tag = '1', headers = {}) => here.fetch('GET', `/v2/a/manifests/${tag}`, { headers }),
    async [Symbol.asyncDispose]() {
      await here.close()
      await peer.close()
    },
  }
}

/** Nobody answers any more. */
const OFFLINE = { 'Cache-Control': 'only-if-cached' }

const answersOf = (digest: string, peer: string | null = PEER) => ({
  'Docker-Content-Digest': digest,
  'Flotilla-Tag-Source': peer,
})

const tagsOf = async ({ here }: Pair) => (await here.fetch('GET', '/v2/a/tags/list')).json()

async function imagesOf({ here }: Pair) {
  const limit = 10
  const images = await here.store.catalog.inventory.images('a', { limit })
  return Object.fromEntries(images.map(({ digest, tagged }) => [digest, tagged]))
}

describe('a tag that was taken from a peer', () => {
  it('is there when nobody is', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest) })
    await expectAnswer(await pair.pull('1', OFFLINE), { status: 200, answers: answersOf(digest) })
  })

  it('is there after a HEAD, which clients begin with', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.here.fetch('HEAD', '/v2/a/manifests/1')
    await expectAnswer(await pair.pull('1', OFFLINE), { status: 200, answers: answersOf(digest) })
  })

  it('is served as it stands where no peer has it any more', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    await pair.peer.fetch('DELETE', '/v2/a/manifests/1')
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest) })
  })

  it('is served as it stands where what it names now cannot be had', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    const newer = await pushImage(pair.peer, 'a', { tag: '1', annotations: { version: '2' } })
    await pair.peer.disk.delete(newer.digest as Digest)
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest) })
  })

  it('is listed, with whose it is and when it was set and asked for', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    const before = Date.now()
    await pair.pull()
    expect(await tagsOf(pair)).toEqual({ name: 'a', tags: ['1'] })
    const [tag] = (await imagesOf(pair))[digest]!
    expect(tag).toEqual({ name: '1', at: 1, peer: PEER, checkedAt: expect.any(Number) })
    expect(tag!.checkedAt).toBeGreaterThanOrEqual(before)
  })

  it('follows the peer', async () => {
    await using pair = await openPair()
    const old = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1', annotations: { version: '2' } })
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest) })
    await expectAnswer(await pair.pull('1', OFFLINE), { status: 200, answers: answersOf(digest) })
    expect((await imagesOf(pair))[old.digest]).toEqual([])
  })

  it('is not asked for again before its age', async () => {
    await using pair = await openPair(60_000)
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    for (let pull = 0; pull < 3; pull++) await pair.pull()
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest) })
    expect(pair.asked.filter(({ what }) => what === 'tag')).toHaveLength(1)
  })

  it('gives way to one that is set here, and does not come back over it', async () => {
    await using pair = await openPair()
    await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    const { digest } = await pushImage(pair.here, 'a', { tag: '1', annotations: { set: 'here' } })
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest, null) })
    await pair.here.store.manifests.take('a', '1', { digest: digest as Digest, peer: PEER, taggedAt: 9 })
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(digest, null) })
    expect(await pair.here.store.catalog.shareFacts.tagging('a', '1')).toMatchObject({ digest })
  })

  it('stays deleted', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    await expectAnswer(await pair.here.fetch('DELETE', '/v2/a/manifests/1'), { status: 202 })
    await expectAnswer(await pair.pull(), { status: 404, error: 'MANIFEST_UNKNOWN' })
    await pair.here.store.manifests.take('a', '1', { digest: digest as Digest, peer: PEER, taggedAt: 9 })
    expect(await tagsOf(pair)).toEqual({ name: 'a', tags: [] })
  })

  it('is not deleted with its image: what the peer sets it to next is taken', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    await pair.here.fetch('DELETE', `/v2/a/manifests/${digest}`)
    await expectAnswer(await pair.pull(), { status: 404, error: 'MANIFEST_UNKNOWN' })
    const newer = await pushImage(pair.peer, 'a', { tag: '1', annotations: { version: '2' } })
    await expectAnswer(await pair.pull(), { status: 200, answers: answersOf(newer.digest) })
  })

  it('keeps no image from making way, and goes with it', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    const { catalog } = pair.here.store
    const limits = { recent: Date.now() + 60_000, pushing: Date.now() + 60_000, downloading: [] }
    const removed = await catalog.transaction(({ eviction: keeping }) =>
      keeping.removeImage({ repository: 'a', digest: digest as Digest }, limits),
    )
    expect(removed).toBeDefined()
    expect(await tagsOf(pair)).toMatchObject({ errors: [{ code: 'NAME_UNKNOWN' }] }) // nothing is left of it
  })

  it.each([
    ['is forgotten with the trust in its peer', [PEER], { but: false }, []],
    ['is forgotten with the trust in all but others', ['12D3KooWOther'], { but: true }, []],
    ['stays while its peer is trusted', [PEER], { but: true }, ['1']],
  ])('%s', async (_, peers, options, tags) => {
    await using pair = await openPair()
    await pushImage(pair.peer, 'a', { tag: '1' })
    await pushImage(pair.here, 'a', { tag: 'own', annotations: { set: 'here' } })
    await pair.pull()
    await pair.here.store.catalog.transaction((queries) => queries.tags.forgetPeers(peers, options))
    expect(await tagsOf(pair)).toEqual({ name: 'a', tags: [...tags, 'own'] })
  })

  it('is in the copy of the names', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    const [names] = await pair.here.store.catalog.names.all()
    expect(names).toMatchObject({ tags: {}, taken: { '1': { digest, peer: PEER, taggedAt: 1 } } })
  })
})

describe('what a client only looks at', () => {
  const LOOK = { 'Cache-Control': 'no-store' }

  it('is answered, and nothing of it is kept', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    const config = await pushBlob(pair.peer, 'a', '{"os":"linux"}')
    const paths = [`manifests/1`, `manifests/${digest}`, `blobs/${config.digest}`]
    for (const path of paths) {
      const response = await pair.here.fetch('GET', `/v2/a/${path}`, { headers: LOOK })
      const answers = { 'Docker-Content-Digest': path.includes('blobs') ? config.digest : digest }
      await expectAnswer(response, { status: 200, answers })
    }
    await expectAnswer(await pair.here.fetch('GET', `/v2/a/referrers/${digest}`, { headers: LOOK }), {
      status: 200,
    })
    const { repositories } = await pair.here.fetch('GET', '/v2/_catalog').then((response) => response.json())
    expect(repositories).toEqual([])
    expect(await pair.here.disk.get(digest as Digest)).toBeUndefined()
    expect(await pair.here.disk.get(config.digest as Digest)).toBeUndefined()
    expect((await pair.here.store.catalog.inventory.totals()).blobs).toBe(0)
  })

  it('is not found where nobody has it', async () => {
    await using pair = await openPair()
    await expectAnswer(await pair.pull('1', LOOK), { status: 404, error: 'MANIFEST_UNKNOWN' })
  })

  it('does not set a tag anew', async () => {
    await using pair = await openPair()
    const { digest } = await pushImage(pair.peer, 'a', { tag: '1' })
    await pair.pull()
    const newer = await pushImage(pair.peer, 'a', { tag: '1', annotations: { version: '2' } })
    await expectAnswer(await pair.pull('1', LOOK), { status: 200, answers: answersOf(newer.digest) })
    await expectAnswer(await pair.pull('1', OFFLINE), { status: 200, answers: answersOf(digest) })
  })
})
