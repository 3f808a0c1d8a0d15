/** How far a peer reaches: what the configuration makes of it, and whom it exchanges anything with. */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, it } from 'vitest'
import { hostOf, idsOf, isLoopback } from '../../../../src/core/libp2p/multiaddrs.ts'
import type { Peer } from '../../../../src/core/libp2p/peer.ts'
import { reachOf } from '../../../../src/core/libp2p/reach.ts'
import { addressOf, answerNull, openTestPeer, swarmSettings } from './peers.ts'

const ONE = '12D3KooWPyVgfRtL59v7r1PSAv7KMqe2RXD7HYXL8CUbbYaugmZ9'
const OTHER = '12D3KooWFgkg3xdnm1qZ7Rw3oxbcpF2zg42BxWVELcxCp7cMxNdX'
const LOOPBACK = '/ip4/127.0.0.1/tcp/4001'
const LAN = '/ip4/192.0.2.1/tcp/4001'

const auto = (swarm: object = {}) => swarmSettings({ reach: 'auto', ...swarm })

describe('by itself, a registry reaches', () => {
  it.each([
    ['machine', {}, [LOOPBACK, '/ip6/::1/tcp/1']],
    ['machine', {}, []],
    ['named', { bootstrap: [`${LAN}/p2p/${ONE}`] }, [LOOPBACK]],
    ['network', {}, [LOOPBACK, LAN]],
    ['network', {}, ['/ip4/0.0.0.0/tcp/0']],
    ['network', {}, ['/ip6/::/tcp/0']],
    ['network', { bootstrap: [`${LAN}/p2p/${ONE}`] }, [LAN]],
    ['network', { key: '/a/key' }, [LOOPBACK]],
    ['network', { announce: ['/dns4/registry.example/tcp/443/wss'] }, [LOOPBACK]],
  ])('the %s (%o, listening on %o)', (kind, swarm, listen) => {
    expect(reachOf(auto(swarm), listen).kind).toBe(kind)
  })
})

it.each(['machine', 'named', 'network'])('%s can be said', (reach) => {
  expect(reachOf(swarmSettings({ reach, bootstrap: [`${LAN}/p2p/${ONE}`] }), [LAN]).kind).toBe(reach)
})

describe('an address', () => {
  const machine = reachOf(auto(), [LOOPBACK])
  const named = reachOf(auto({ bootstrap: [`${LAN}/p2p/${ONE}`] }), [LOOPBACK])
  const network = reachOf(auto(), [LAN])

  it.each([
    [LOOPBACK, OTHER, { machine: true, named: true }],
    ['/ip6/::1/tcp/1', OTHER, { machine: true, named: true }],
    ['/ip6/::ffff:127.0.0.1/tcp/1', OTHER, { machine: true, named: true }],
    [LAN, OTHER, { machine: false, named: false }],
    [LAN, undefined, { machine: false, named: false }],
    [LAN, ONE, { machine: false, named: true }],
    ['/ip4/198.51.100.7/tcp/1', ONE, { machine: false, named: true }],
    ['/dns4/localhost/tcp/1', OTHER, { machine: false, named: false }],
    ['/ip4/0.0.0.0/tcp/1', OTHER, { machine: false, named: false }],
    [`${LOOPBACK}/p2p/${OTHER}/p2p-circuit`, ONE, { machine: false, named: false }],
    [`${LAN}/p2p/${ONE}/p2p-circuit`, OTHER, { machine: false, named: false }],
    [`${LAN}/p2p/${ONE}/p2p-circuit`, ONE, { machine: false, named: true }],
    [`${LAN}/p2p/${ONE}/p2p/${OTHER}`, undefined, { machine: false, named: false }],
  ])('%s of %s is within: %o', (address, peer, expected) => {
    const found = { machine: machine.allows(address, peer), named: named.allows(address, peer) }
    expect(found).toEqual(expected)
    expect(network.allows(address, peer)).toBe(true)
  })

  it.each([
    ['/ip4/127.0.0.1/tcp/1', '127.0.0.1'],
    ['/ip6/2001:db8::1/tcp/1', '2001:db8:0:0'],
    ['/ip6/2001:db8:1:2:3:4:5:6/tcp/1', '2001:db8:1:2'],
    ['/ip6/::1/tcp/1', '0:0:0:0'],
    ['/dns4/registry.example/tcp/1', undefined],
    [`${LAN}/p2p/${ONE}/p2p-circuit`, undefined],
  ])('%s counts for %s', (address, host) => expect(hostOf(address)).toBe(host))

  it('is of loopback only as a whole', () => {
    expect(['/ip4/127.255.0.9/udp/1', '/ip6/::1'].every(isLoopback)).toBe(true)
    expect(['/ip4/12.7.0.1/tcp/1', '/ip6/::11/tcp/1', '/dns/127.0.0.1/tcp/1'].some(isLoopback)).toBe(false)
    expect(idsOf(`${LAN}/p2p/${ONE}/p2p-circuit/p2p/${OTHER}`)).toEqual([ONE, OTHER])
  })
})

describe('a peer that reaches this machine', () => {
  const opened: Peer[] = []
  afterEach(() => Promise.all(opened.splice(0).map((peer) => peer.close())))

  async function open(swarm: object = {}): Promise<Peer> {
    const peer = await openTestPeer({ settings: auto(swarm) })
    opened.push(peer)
    await peer.join(answerNull)
    return peer
  }

  it('never dials another machine, and remembers no address there', async () => {
    const { libp2p } = (await open()).helia
    const id = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const dialling = libp2p.dial(multiaddr(`${LAN}/p2p/${id}`), { signal: AbortSignal.timeout(5000) })
    await expect(dialling).rejects.toMatchObject({ name: 'DialDeniedError' })
    await libp2p.peerStore.merge(id, { multiaddrs: [multiaddr(LAN), multiaddr(LOOPBACK)] })
    expect((await libp2p.peerStore.get(id)).addresses.map(({ multiaddr }) => `${multiaddr}`)).toEqual([
      LOOPBACK,
    ])
  })

  it('keeps no records of a DHT, and relays for nobody', async () => {
    const { libp2p } = (await open()).helia
    expect(libp2p.getProtocols().filter((protocol) => /kad|relay.*hop/.test(protocol))).toEqual([])
  })

  it('meets those that are on this machine', async () => {
    const one = await open()
    const other = await open({ bootstrap: [addressOf(one)] })
    await expect.poll(() => one.network.peers()).toEqual([other.network.self])
  })
})

it('a peer relays only if it is configured to', async () => {
  for (const [settings, count] of [
    [swarmSettings(), 0],
    [swarmSettings({ relay: true }), 1],
  ] as const) {
    const peer = await openTestPeer({ settings })
    const protocols = peer.helia.libp2p.getProtocols()
    expect(protocols.filter((protocol) => /relay.*hop/.test(protocol))).toHaveLength(count)
    await peer.close()
  }
})
