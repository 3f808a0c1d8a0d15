/** Why a manifest is not found: as a program reads it, and as clients show it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryNetwork, type MemoryNetwork } from '../../../../support/memory-network.ts'
import { digestOf, pushImage } from '../../../../support/push.ts'
import { type AssembledPeer, openAssembledPeer } from '../assembled-peer.ts'

const DIGEST = digestOf('nobody has it')
const NAME = 'library/alpine'
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

let network: MemoryNetwork

beforeEach(() => {
  network = createMemoryNetwork()
})

const open = (name: string, swarm = {}) => openAssembledPeer(network, name, swarm)

async function miss(
  peer: AssembledPeer,
  reference: string,
  { name = NAME, method = 'GET', query = '' } = {},
) {
  const response = await peer.fetch(method, `/v2/${name}/manifests/${reference}${query}`)
  const [error] = response.body ? (await response.json()).errors : []
  expect(response.status).toBe(404)
  return { code: error?.code, message: error?.message, detail: error?.detail }
}

describe('a miss says', () => {
  it('that no peer is connected', async () => {
    await using here = await open('here')
    for (const [reference, shown] of [
      ['3', `${NAME}:3`],
      [DIGEST, `${NAME}@${DIGEST}`],
    ] as const)
      expect(await miss(here, reference)).toEqual({
        code: 'MANIFEST_UNKNOWN',
        message: `${shown} is not here, and no peer is connected`,
        detail: { name: NAME, reference, reason: 'no-peer' },
      })
  })

  it('that nobody has the repository', async () => {
    await using _there = await open('there')
    await using here = await open('here', { trust: [] })
    expect(await miss(here, '3')).toMatchObject({
      message: `no repository ${NAME} is known here or at a connected peer`,
      detail: { reason: 'unknown-repository' },
    })
  })

  it('which tags there are instead, those first that are like it', async () => {
    await using there = await open(PEER)
    await using here = await open('here', { trust: [PEER] })
    for (const tag of ['3.22', '3.9', 'latest', '2', 'edge', '1']) await pushImage(there, NAME, { tag })
    await pushImage(here, NAME, { tag: '3' })
    expect(await miss(here, '3.99')).toMatchObject({
      message: `${NAME} has no tag 3.99 here or at a trusted peer; tags here: 3; tags at connected peers: 3.9, 3.22, latest, edge, 2, …`,
      detail: { reason: 'unknown-tag', tags: ['3.9', '3.22', '3', 'latest', 'edge', '2', '1'] },
    })
  })

  it('only the tags of trusted peers, though others have the repository too', async () => {
    await using there = await open('there')
    await using here = await open('here')
    await pushImage(there, NAME, { tag: '3' })
    expect(await miss(here, '4')).toMatchObject({ detail: { reason: 'unknown-tag', tags: [] } })
  })

  it('whose tags are not trusted', async () => {
    await using there = await open('12D3KooWabcdef')
    await using here = await open('here')
    await pushImage(there, NAME, { tag: '3' })
    expect(await miss(here, '3')).toMatchObject({
      message: `peer …abcdef has ${NAME}:3, but tags from there are not trusted (swarm.trust)`,
      detail: { reason: 'untrusted', peers: ['12D3KooWabcdef'] },
    })
  })

  it('that it was deleted here', async () => {
    await using here = await open('here')
    const { digest } = await pushImage(here, NAME, { tag: '3' })
    await here.fetch('DELETE', `/v2/${NAME}/manifests/3`)
    await here.fetch('DELETE', `/v2/${NAME}/manifests/${digest}`)
    for (const reference of ['3', digest])
      expect(await miss(here, reference)).toMatchObject({ detail: { reason: 'deleted' } })
  })

  it('that nobody has the digest', async () => {
    await using _there = await open('there')
    await using here = await open('here')
    expect(await miss(here, DIGEST)).toMatchObject({ detail: { reason: 'unknown-digest' } })
  })

  it('what is here, where there is no swarm', async () => {
    await using here = await open('here', { enabled: false })
    expect(await miss(here, '3')).toMatchObject({ message: `no repository ${NAME} is known here` })
    await pushImage(here, NAME, { tag: '3' })
    expect(await miss(here, '4')).toMatchObject({ message: `${NAME} has no tag 4 here; tags here: 3` })
  })
})

describe('peers are not asked for a reason', () => {
  const cases: [string, object][] = [
    ['for HEAD, which has no words', { method: 'HEAD' }],
    ['on behalf of another registry', { query: '?ns=docker.io' }],
    ['for what is not shared', { name: 'closed' }],
  ]
  it.each(cases)('%s', async (_, asking) => {
    await using _there = await open('there')
    await using here = await open('here', { share: { deny: ['closed'] } })
    await miss(here, '3', asking)
    expect(network.requests).toEqual([])
  })
})

it('waits no longer than the miss itself may take', async () => {
  network.join('stuck', () => new Promise(() => {}))
  await using here = await open('here', { timeout: '300ms' })
  expect(await miss(here, '3')).toMatchObject({ detail: { reason: 'unknown-repository' } })
})

it('explains a few misses at a time, however many there are', async () => {
  const answered = Promise.withResolvers<never>()
  network.join('slow', () => answered.promise)
  await using here = await open('here', { timeout: '30s' })
  let count = 0
  const misses = Array.from({ length: 60 }, async (_, number) => {
    expect((await miss(here, `none-${number}`)).detail.reason).toBe('unknown-repository')
    count++
  })
  await expect.poll(() => count).toBe(60 - 16)
  expect(network.requests).toHaveLength(2 * 16)
  answered.reject(new Error('gone'))
  await Promise.all(misses)
})
