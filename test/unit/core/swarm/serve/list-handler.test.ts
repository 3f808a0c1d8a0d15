/** What peers tell of the repositories and tags that they have, and what whoever asks makes of it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { silentLog } from '../../../../../src/core/log.ts'
import { createPeerLists, listFailureOf } from '../../../../../src/core/swarm/lookup/peer-lists.ts'
import { MAX_PAGE_ENTRIES } from '../../../../../src/core/swarm/protocol/list-messages.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../../../support/memory-network.ts'
import { digestOf, pushImage, pushIndex } from '../../../../support/push.ts'
import { type AssembledPeer, openAssembledPeer } from '../assembled-peer.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'
const DIGEST = digestOf('image')
const TIMES = { timeout: 200, stall: 400 }

let network: MemoryNetwork

beforeEach(() => {
  network = createMemoryNetwork()
})

const open = (name: string, swarm = {}) => openAssembledPeer(network, name, { ...swarm })

const get = async (peer: AssembledPeer, path: string) => {
  const response = await peer.fetch('GET', path)
  const next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  return { status: response.status, body: await response.json(), next }
}

describe('the owner learns about a peer', () => {
  it('which repositories it shares, page by page', async () => {
    await using there = await open('there', { share: { deny: ['b.*'] } })
    await using here = await open('here')
    const { size } = await pushImage(there, 'a', { tag: '1' })
    await pushImage(there, 'a', { tag: '2' })
    for (const name of ['b/secret', 'c', 'd']) await pushImage(there, name, { tag: 'latest' })
    const first = await get(here, '/flotilla/peers/there/repositories?n=2')
    const bytes = size + '{}'.length + 'layer'.length
    expect(first.body).toEqual({
      repositories: [
        { name: 'a', tags: 2, bytes },
        { name: 'c', tags: 1, bytes },
      ],
    })
    const second = await get(here, first.next!)
    expect(second.body).toEqual({ repositories: [{ name: 'd', tags: 1, bytes }] })
    expect(second.next).toBeUndefined()
  })

  it('which tags a repository has, with what each names', async () => {
    await using there = await open('there')
    await using here = await open('here')
    const image = await pushImage(there, 'a', { tag: '1' })
    const index = await pushIndex(there, 'a', [image], { tag: 'all' })
    const bytes = image.size + '{}'.length + 'layer'.length
    const first = await get(here, '/flotilla/peers/there/tags?repository=a&n=1')
    const { digest, mediaType } = image
    const at = expect.any(Number)
    expect(first.body).toEqual({ name: 'a', tags: [{ name: '1', digest, mediaType, bytes, at }] })
    const second = await get(here, first.next!)
    const all = { name: 'all', digest: index.digest, mediaType: INDEX, bytes: bytes + index.size, at }
    expect(second.body).toEqual({ name: 'a', tags: [all] })
    expect(second.next).toBeUndefined()
  })

  it.each([
    ['not connected', 'nobody', 404, 'not-connected'],
    ['silent about what it has', 'silent', 403, 'not-shared'],
    ['older than the question', 'older', 404, 'older'],
    ['broken', 'broken', 503, 'failed'],
    ['stuck', 'stuck', 503, 'failed'],
  ])('that it is %s', async (_, id, status, reason) => {
    await using here = await open('here', { stall: '300ms' })
    await using _silent = await open('silent', { share: { list: false } })
    network.join('older', ({ ask }: { ask: string }) => {
      if (ask === 'have') return { value: { offers: [null] } }
      throw new Error('no question of ours')
    })
    network.join('broken', () => {
      throw new Error('broken')
    })
    network.join('stuck', () => new Promise(() => {}))
    for (const list of ['repositories', 'tags?repository=a']) {
      const answer = await get(here, `/flotilla/peers/${id}/${list}`)
      expect([answer.status, answer.body.errors[0].detail]).toEqual([status, { reason, peer: id }])
    }
  })

  it.each(['', 'there/hidden', 'missing'])('that it has no repository "%s" to show', async (repository) => {
    await using there = await open('there', { share: { deny: ['.*hidden'] } })
    await using here = await open('here')
    await pushImage(there, 'there/hidden', { tag: '1' })
    const { status, body } = await get(here, `/flotilla/peers/there/tags?repository=${repository}`)
    const expected = repository === '' ? [400, 'NAME_INVALID'] : [404, 'NAME_UNKNOWN']
    expect([status, body.errors[0].code]).toEqual(expected)
  })

  it('that there is no swarm', async () => {
    await using alone = await open('alone', { enabled: false })
    const { status, body } = await get(alone, '/flotilla/peers/there/repositories')
    expect([status, body.errors[0].detail]).toEqual([503, { reason: 'alone' }])
  })
})

describe('a list that lies', () => {
  const repository = { name: 'a', tags: 1, bytes: 1 }
  const tag = { name: '1', digest: DIGEST, mediaType: INDEX, bytes: 1 }
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ ...repository, name: `a${1000 + index}` }))

  it.each<[string, unknown]>([
    ['is none', 'list'],
    [
      'has a name with a control character',
      { entries: [{ ...repository, name: 'a\u001b[2J' }], more: false },
    ],
    ['has a name that is no name', { entries: [{ ...repository, name: '<b>' }], more: false }],
    ['has a name that is too long', { entries: [{ ...repository, name: 'a'.repeat(256) }], more: false }],
    ['counts below nothing', { entries: [{ ...repository, tags: -1 }], more: false }],
    ['counts parts', { entries: [{ ...repository, bytes: 0.5 }], more: false }],
    ['counts past what numbers hold', { entries: [{ ...repository, bytes: 1e300 }], more: false }],
    ['names one twice', { entries: [repository, repository], more: false }],
    ['is out of order', { entries: [{ ...repository, name: 'b' }, repository], more: false }],
    ['goes on with nothing', { entries: [], more: true }],
    ['gives more than was asked for', { entries: many(11), more: false }],
    ['gives more than a page', { entries: many(MAX_PAGE_ENTRIES + 1), more: false }],
  ])('is not taken where it %s', async (_, value) => {
    network.join('liar', () => ({ value }))
    const lists = createPeerLists({ network: network.join('here'), settings: TIMES, log: silentLog })
    const failure = await lists.repositories('liar', { limit: 10 }, {}).catch((error) => error)
    expect(listFailureOf(failure)).toBe('failed')
  })

  it.each<[string, object]>([
    ['a tag that is none', { name: 'a b' }],
    ['a digest that is none', { digest: 'sha256:5e' }],
    ['a media type of its own', { mediaType: 'text/html' }],
    ['a time before time', { at: -1 }],
  ])('is not taken with %s', async (_, wrong) => {
    network.join('liar', () => ({
      value: { page: { entries: [{ ...tag, ...wrong }], more: false } },
    }))
    const lists = createPeerLists({ network: network.join('here'), settings: TIMES, log: silentLog })
    const failure = await lists.tags('liar', 'a', { limit: 10 }, {}).catch((error) => error)
    expect(listFailureOf(failure)).toBe('failed')
  })

  it('never leads back', async () => {
    network.join('liar', () => ({ value: { entries: [repository], more: true } }))
    const lists = createPeerLists({ network: network.join('here'), settings: TIMES, log: silentLog })
    expect(await lists.repositories('liar', { limit: 10 }, {})).toEqual({ entries: [repository], more: true })
    const failure = await lists.repositories('liar', { limit: 10, last: 'a' }, {}).catch((error) => error)
    expect(listFailureOf(failure)).toBe('failed')
  })
})

describe('whether a peer lists what it has', () => {
  it('is found out by asking it, and remembered', async () => {
    await using _open = await open('open')
    await using _silent = await open('silent', { share: { list: false } })
    const lists = createPeerLists({ network: network.join('here'), settings: TIMES, log: silentLog })
    for (let time = 0; time < 2; time++)
      expect(await Promise.all(['open', 'silent', 'nobody'].map(lists.areShared))).toEqual([
        true,
        false,
        false,
      ])
    expect(network.requests).toEqual(['repositories open', 'repositories silent'])
  })
})
