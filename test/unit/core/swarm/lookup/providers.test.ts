import { describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../../../../src/core/log.ts'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { createPeerBackoff } from '../../../../../src/core/swarm/lookup/peer-backoff.ts'
import { createContentRouting, type FindOptions } from '../../../../../src/core/swarm/lookup/providers.ts'
import { configOf } from '../../../../support/in-memory-registry.ts'
import { createMemoryNetwork, type MemoryNetwork } from '../../../../support/memory-network.ts'
import { PATIENCE } from '../../../../support/patience.ts'
import { digestOf } from '../seeder.ts'

const DIGEST = digestOf(Buffer.from('x'))
const signal = new AbortController().signal

function finderIn(network: MemoryNetwork, timeout = 2000) {
  const backoff = createPeerBackoff()
  const settings = { ...configOf().swarm, timeout }
  const me = network.join('me')
  const routing = createContentRouting({ network: me, backoff, settings, log: silentLog })
  const find = async (options?: FindOptions, digest: Digest = DIGEST) =>
    (await Array.fromAsync(routing.findProviders(digest, options))).map(({ peer }) => peer)
  return { routing, backoff, find }
}

const holding =
  (offer: unknown = { size: 1 }) =>
  ({ digests }: { digests: string[] }) => ({ value: { offers: digests.map(() => offer) } })

const silent = () => new Promise<never>(() => {})

describe('a search', () => {
  it('finds all connected peers that have it', async () => {
    const network = createMemoryNetwork()
    for (const peer of ['a', 'b', 'c']) network.join(peer, holding(peer === 'b' ? null : { size: 1 }))
    expect((await finderIn(network).find()).sort()).toEqual(['a', 'c'])
  })

  it('requests all digests of one moment at once, up to the limit of a request', async () => {
    const network = createMemoryNetwork()
    network.join('a', holding())
    const { find } = finderIn(network)
    const digests = Array.from({ length: 300 }, (_, number) => digestOf(Buffer.from(`${number}`)))
    const found = await Promise.all(digests.map((digest) => find({}, digest)))
    expect(found.every(([peer]) => peer === 'a')).toBe(true)
    expect(network.requests).toEqual(['have a', 'have a'])
  })

  it('ends in time if nobody responds, and stops asking peers that never do', async () => {
    const network = createMemoryNetwork()
    network.join('a', silent)
    const { find, backoff } = finderIn(network, 20)
    expect(await find()).toEqual([])
    await vi.waitFor(() => expect(backoff.blockOf('a')?.fault).toBe('failed'), PATIENCE)
    expect(await find()).toEqual([])
    expect(network.requests).toHaveLength(1)
  })

  it('gives the first without waiting for the others', async () => {
    const network = createMemoryNetwork()
    network.join('silent', silent)
    network.join('a', holding())
    const { routing } = finderIn(network, 5000)
    for await (const { peer } of routing.findProviders(DIGEST)) {
      expect(peer).toBe('a')
      break
    }
  })

  it('asks the DHT if no connected peer has it, even if one of them is silent', async () => {
    const network = createMemoryNetwork()
    network.join('silent', silent)
    const far = network.join('far', holding(), { connected: false })
    await far.provide(DIGEST, { signal })
    expect(await finderIn(network, 100).find({ connectedOnly: true })).toEqual([])
    for await (const { peer } of finderIn(network, 5000).routing.findProviders(DIGEST)) {
      expect(peer).toBe('far')
      return
    }
    expect.unreachable('nobody was found')
  })

  it('asks the DHT for more providers if the blob is large enough', async () => {
    for (const [size, expected] of [
      [1, ['near']],
      [2 ** 30, ['far', 'near']],
    ] as const) {
      const network = createMemoryNetwork()
      network.join('near', holding({ size }))
      const far = network.join('far', holding({ size }), { connected: false })
      await far.provide(DIGEST, { signal })
      expect((await finderIn(network).find()).sort()).toEqual(expected)
    }
  })

  it('ends with its signal', async () => {
    const network = createMemoryNetwork()
    network.join('a', silent)
    const leaving = new AbortController()
    const found = finderIn(network, 60_000).find({ signal: leaving.signal })
    leaving.abort()
    expect(await found).toEqual([])
  })

  it.each([
    'garbage',
    null,
    { offers: 'x' },
    { offers: [] },
    { offers: [{ size: -1 }] },
    { offers: [{ size: 1 }, { size: 1 }] },
  ])('does not believe %j', async (value) => {
    const network = createMemoryNetwork()
    network.join('a', () => ({ value }))
    const { find, backoff } = finderIn(network)
    expect(await find()).toEqual([])
    expect(backoff.blockOf('a')?.fault).toBe('failed')
  })

  it('stops at enough of those that offer the same', async () => {
    const network = createMemoryNetwork()
    for (let peer = 0; peer < 50; peer++) network.join(`${peer}`, holding({ size: 2 ** 30 }))
    expect(await finderIn(network).find()).toHaveLength(32)
  })
})
