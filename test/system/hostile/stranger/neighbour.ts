/**
 * An honest peer of a local network, in a separate process: it announces itself by mDNS and waits to be dialled. It writes
 * down after how many milliseconds it was.
 */
import { generateKeyPair } from '@libp2p/crypto/keys'
import { mdns } from '@libp2p/mdns'
import { tcp } from '@libp2p/tcp'
import { MemoryBlockstore } from 'blockstore-core'
import { MemoryDatastore } from 'datastore-core'
import { configSchema } from '../../../../src/core/config.ts'
import { openPeer } from '../../../../src/core/libp2p/peer.ts'
import { silentLog } from '../../../../src/core/log.ts'

const [address] = process.argv.slice(2) as [string]
const { swarm } = configSchema.parse({ version: 0.1, storage: { inmemory: {} } })
const { helia } = await openPeer({
  settings: swarm,
  privateKey: await generateKeyPair('Ed25519'),
  listen: [`/ip4/${address}/tcp/0`],
  transports: [tcp()],
  discovery: [mdns({ serviceTag: '_flotilla._udp.local' })],
  datastore: new MemoryDatastore(),
  blockstore: new MemoryBlockstore(),
  version: '0',
  log: silentLog,
})
const start = performance.now()
process.stdout.write('there\n')
helia.libp2p.addEventListener('connection:open', ({ detail }) => {
  if (detail.direction !== 'inbound') return
  process.stdout.write(`dialled after ${Math.round(performance.now() - start)}\n`)
})
