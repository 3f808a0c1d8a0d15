/**
 * A stranger in a separate process, with everything that a script on the same network can do: it announces itself by mDNS
 * ten times a second and asks as often who is there, listens, dials everything that it knows or hears of, takes part in the
 * DHT, and requests content from each registry that it reaches. On SIGTERM it writes down what it got.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { mdns } from '@libp2p/mdns'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryBlockstore } from 'blockstore-core'
import { MemoryDatastore } from 'datastore-core'
import { configSchema } from '../../../../src/core/config.ts'
import { hostOf } from '../../../../src/core/libp2p/multiaddrs.ts'
import { openPeer } from '../../../../src/core/libp2p/peer.ts'
import { silentLog } from '../../../../src/core/log.ts'

export interface Plan {
  /** The port on which it listens. */
  readonly address: string
  /** The address from which it sends. */
  readonly own: readonly string[]
  /** Of the registry's host: what others do does not count then. */
  readonly only?: string
  /** Those of the registry, if it knows them from another source. */
  readonly victims: readonly string[]
  readonly victimId: string
  readonly digest: string
}

export interface Loot {
  /** Those that the registry opened to it, and those that it accepted. */
  readonly connections: number
  /** Bytes over the connections that the registry opened to it; and bytes of blobs, over all. */
  readonly bytes: number
  /** Digests that it heard of, by answers or by records of the DHT. */
  readonly digests: number
  /** Packets of mDNS that came from other hosts, or name the registry. */
  readonly packets: number
}

const GROUP = '224.0.0.251'
const SERVICE = '_flotilla._udp.local'
const OFTEN = 100

/** Of libp2p, behind the listener that counts. */
const INNER = 4999

const { address, own, only, victims, victimId, digest }: Plan = JSON.parse(process.argv[2]!)
const loot = { connections: 0, bytes: 0, digests: 0, packets: 0 }

const counts = (source: string | undefined): boolean => only === undefined || source === only

const listener = createServer((socket) => {
  const { remoteAddress } = socket
  if (counts(remoteAddress)) loot.connections += 1
  socket
    .on('error', () => {})
    .on('data', (bytes) => {
      if (counts(remoteAddress)) loot.bytes += bytes.length
    })
  socket.pipe(connect(INNER, '127.0.0.1').on('error', () => socket.destroy())).pipe(socket)
}).listen(0, address)
await once(listener, 'listening')
const { port } = listener.address() as AddressInfo

const { swarm } = configSchema.parse({
  version: 0.1,
  storage: { inmemory: {} },
  swarm: { reach: 'network', announce: [`/ip4/${address}/tcp/${port}`] },
})
const datastore = new MemoryDatastore()
const peer = await openPeer({
  settings: swarm,
  privateKey: await generateKeyPair('Ed25519'),
  listen: [`/ip4/127.0.0.1/tcp/${INNER}`],
  transports: [tcp()],
  discovery: [mdns({ serviceTag: SERVICE, interval: OFTEN })],
  datastore,
  blockstore: new MemoryBlockstore(),
  version: '0',
  log: silentLog,
})
const { helia, network } = peer
const { libp2p } = helia
libp2p.addEventListener('connection:open', ({ detail }) => {
  if (detail.direction === 'outbound' && counts(hostOf(`${detail.remoteAddr}`))) loot.connections += 1
})
await peer.join(async () => ({ value: null }))

const ear = createSocket({ type: 'udp4', reuseAddr: true }).bind(5353, () => {
  ear.addMembership(GROUP, address)
})
ear.on('message', (packet, { address: source }) => {
  const isForeign = !own.includes(source) && counts(source) && packet.includes('_flotilla')
  if (isForeign || packet.includes(victimId)) loot.packets += 1
})

process.once('SIGTERM', async () => {
  const { digests } = loot
  const told = { ...loot, digests: digests + (await records()) } satisfies Loot
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit())
})
process.stdout.write('there\n')

for (;;) {
  for (const victim of victims)
    libp2p.dial(multiaddr(victim), { signal: AbortSignal.timeout(1000) }).catch(() => {})
  for (const registry of network.peers()) await rob(registry).catch(() => {})
  await sleep(OFTEN)
}

async function rob(registry: string): Promise<void> {
  const signal = AbortSignal.timeout(5000)
  const { value } = await network.request(registry, { ask: 'have', digests: [digest] }, { signal })
  if ((value as { offers?: unknown[] })?.offers?.[0]) loot.digests += 1
  const range = await network.request(registry, { ask: 'range', digest, start: 0, end: 1000 }, { signal })
  for await (const { length } of range.bytes) loot.bytes += length
}

async function records(): Promise<number> {
  let count = 0
  for await (const { key } of datastore.query({})) if (key.toString().includes('provider')) count += 1
  return count
}
