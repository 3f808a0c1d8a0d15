/** The peer of a registry on Node: identity, addresses, private swarms, the local network. */
import { once } from 'node:events'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { generateKey } from '@libp2p/pnet'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryBlockstore } from 'blockstore-core'
import { MemoryDatastore } from 'datastore-core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { configSchema } from '../../../../src/core/config.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { ConfigurationError } from '../../../../src/node/config/error.ts'
import { type NodePeer, openNodePeer } from '../../../../src/node/swarm/open-peer.ts'
import { openTemporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts'

/** Nothing is found that a test does not tell of. */
const QUIET = { mdns: false, listen: ['/ip4/127.0.0.1/tcp/0'] }

let folder: TemporaryFolder
let opened: NodePeer[]

beforeEach(async () => {
  opened = []
  folder = await openTemporaryFolder()
})

afterEach(async () => {
  await Promise.all(opened.map((peer) => peer.close()))
  await folder[Symbol.asyncDispose]()
})

async function open(
  swarm: object = QUIET,
  dataFolder?: string,
  addr = '127.0.0.1:0',
  origins: string[] = [],
): Promise<NodePeer> {
  const http = { addr, cors: { origins } }
  const config = configSchema.parse({ version: 0.1, storage: { inmemory: {} }, http, swarm })
  const stores = { datastore: new MemoryDatastore(), blockstore: new MemoryBlockstore() }
  const peer = await openNodePeer({ config, dataFolder, ...stores, log: silentLog })
  opened.push(peer)
  await peer.join(async () => ({ value: null }))
  return peer
}

describe('the identity', () => {
  it('is kept in the data folder, for the owner alone', async () => {
    const first = await open(QUIET, folder.path)
    await first.close()
    const key = join(folder.path, 'swarm/key')
    expect((await stat(key)).mode & 0o777).toBe(0o600)
    const bytes = await readFile(key)
    const second = await open(QUIET, folder.path)
    expect(second.network.self).toBe(first.network.self)
    expect(await readFile(key)).toEqual(bytes)
    expect(first.network.self).toMatch(/^12D3KooW/)
  })

  it('is a fresh one without a data folder', async () => {
    expect((await open()).network.self).not.toBe((await open()).network.self)
  })

  it('is not replaced where its file is damaged', async () => {
    await (await open(QUIET, folder.path)).close()
    await writeFile(join(folder.path, 'swarm/key'), 'damaged')
    await expect(open(QUIET, folder.path)).rejects.toThrow('is not a private key')
    expect(await readFile(join(folder.path, 'swarm/key'), 'utf8')).toBe('damaged')
  })
})

describe('the addresses', () => {
  const shapes = (peer: NodePeer) =>
    peer
      .addresses()
      .map((address) => address.replace(/\d{4,}/, 'N').replace(/\/certhash\/[^/]+|\/p2p\/.*/g, ''))

  it('are those of the registry, by TCP', async () => {
    expect(shapes(await open({ mdns: false }))).toEqual(['/ip4/127.0.0.1/tcp/N'])
  })

  it('are by WebSocket too where pages may use it', async () => {
    const peer = await open({ mdns: false }, undefined, '127.0.0.1:0', ['https://app.example'])
    expect(shapes(peer).sort()).toEqual(['/ip4/127.0.0.1/tcp/N', '/ip4/127.0.0.1/tcp/N/ws'])
  })

  it('are of IPv6 where the registry is', async () => {
    expect(shapes(await open({ mdns: false, bitswap: false }, undefined, '[::1]:0'))).toContain(
      '/ip6/::1/tcp/N',
    )
  })

  it('have the same ports after a restart', async () => {
    // Not of WebRTC, whose port is let go of at the end of the process only.
    const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
    const first = await open({ mdns: false, listen }, folder.path)
    const before = first.addresses()
    await first.close()
    expect((await open({ mdns: false, listen }, folder.path)).addresses()).toEqual(before)
  })

  it('have other ports where they are taken', async () => {
    const first = await open(QUIET, folder.path)
    await first.close()
    const port = Number(/\/tcp\/(\d+)/.exec(first.addresses()[0] ?? '')?.[1] ?? (await rememberedPort()))
    const squatter = createServer().listen(port, '127.0.0.1')
    await once(squatter, 'listening')
    const second = await open(QUIET, folder.path)
    expect(second.addresses()[0]).not.toContain(`/tcp/${port}/`)
    squatter.close()
  })

  const rememberedPort = async (): Promise<number> =>
    JSON.parse(await readFile(join(folder.path, 'swarm/ports.json'), 'utf8'))['ip4/tcp']
})

describe('two peers', () => {
  it.each([
    ['tcp', '/ip4/127.0.0.1/tcp/0'],
    ['ws', '/ip4/127.0.0.1/tcp/0/ws'],
    ['webrtc-direct', '/ip4/127.0.0.1/udp/0/webrtc-direct'],
  ])('move bytes by %s, and tell of it', async (transport, address) => {
    const one = await open({ mdns: false, listen: [address] })
    const other = await open({ mdns: false, listen: [address], bootstrap: one.addresses() })
    await expect.poll(() => one.network.peers()).toEqual([other.network.self])
    await expect.poll(() => other.network.peers()).toEqual([one.network.self])
    const { value } = await one.network.request(
      other.network.self,
      {},
      { signal: AbortSignal.timeout(30_000) },
    )
    expect(value).toBeNull()
    expect(one.hostsOf(other.network.self)).toEqual(['127.0.0.1'])
    one.traffic.add(other.network.self, 'http', 'sent', 12)
    expect(one.status()).toMatchObject({
      id: one.network.self,
      peers: [
        {
          id: other.network.self,
          transport,
          direction: 'inbound',
          moved: { http: { sent: 12, received: 0 } },
        },
      ],
    })
  })

  it('find each other on this machine', async () => {
    const one = await open({ listen: QUIET.listen })
    const other = await open({ listen: QUIET.listen })
    await expect.poll(() => one.network.peers()).toContain(other.network.self)
  })
})

describe('a private swarm', () => {
  async function writeKey(name: string): Promise<string> {
    const bytes = new Uint8Array(95)
    generateKey(bytes)
    const path = join(folder.path, name)
    await writeFile(path, bytes)
    return path
  }

  it('lets in who has its key', async () => {
    const key = await writeKey('swarm.key')
    const one = await open({ ...QUIET, key })
    const other = await open({ ...QUIET, key, bootstrap: one.addresses() })
    await expect.poll(() => other.network.peers()).toEqual([one.network.self])
  })

  it('keeps out who has another key, or none', async () => {
    const one = await open({ ...QUIET, key: await writeKey('swarm.key') })
    const others = [await open({ ...QUIET, key: await writeKey('other.key') }), await open()]
    const signal = AbortSignal.timeout(5000)
    const dialling = others.map((other) =>
      other.helia.libp2p.dial(multiaddr(one.addresses()[0]!), { signal }),
    )
    for (const { status } of await Promise.allSettled(dialling)) expect(status).toBe('rejected')
    expect(one.helia.libp2p.getConnections()).toEqual([])
  })

  it('has no WebRTC', async () => {
    const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/udp/0/webrtc-direct']
    const one = await open({ mdns: false, listen, key: await writeKey('swarm.key') })
    expect(one.addresses().filter((address) => address.includes('webrtc'))).toEqual([])
  })

  it.each(['missing', 'damaged'])('does not begin where its key is %s', async (what) => {
    const key = join(folder.path, 'swarm.key')
    if (what === 'damaged') await writeFile(key, 'no key at all')
    await expect(open({ ...QUIET, key })).rejects.toThrow(ConfigurationError)
  })
})
