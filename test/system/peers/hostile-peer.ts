/**
 * Peers in a process of their own that do as their scripts say: they hold real blobs, and lie about them, or are slow,
 * or die. They write down the requests that they get and the bytes that they send.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { MemoryBlockstore } from 'blockstore-core'
import { MemoryDatastore } from 'datastore-core/memory'
import { configSchema } from '../../../src/core/config.ts'
import { openPeer, type Peer } from '../../../src/core/libp2p/peer.ts'
import { sendAll } from '../../../src/core/libp2p/stream.ts'
import { silentLog } from '../../../src/core/log.ts'
import type { Digest } from '../../../src/core/oci/digest.ts'
import type { Network } from '../../../src/core/swarm/ports.ts'
import { PROTOCOL } from '../../../src/core/swarm/protocol/limits.ts'
import { createAnswer } from './hostile-answers.ts'
import { openHostileServer } from './hostile-server.ts'
import { type Behaviour, behaviourOf } from './lies.ts'
import type { Line, Script } from './script.ts'
import { holdBlobs } from './scripted-blobs.ts'

const write = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

const scripts: readonly Script[] = JSON.parse(process.argv[2]!)
for (const script of scripts) await start(script)
write({ ready: scripts.length })

async function start(script: Script): Promise<void> {
  const behave = () => behaviourOf(script.lie)
  const { helia, network, join } = await open(script)
  const { libp2p } = helia
  const tell = (what: object): void => write({ peer: String(libp2p.peerId), ...what } as Line)
  const blobs = await holdBlobs(script, behave, tell)
  const server = script.http ? await openHostileServer(blobs, script.host) : undefined
  await join(createAnswer({ script, behaviour: behave(), blobs, offerHttp: server?.offer, tell }))
  const { raw } = behave()
  if (raw) await answerRaw(libp2p, raw, (by) => tell({ asked: 'anything', by }))
  write({ listening: String(libp2p.getMultiaddrs()[0]) })
  if (script.seek) void seek(network, script.seek as Digest, (found) => tell({ found }))
}

async function open({ bootstrap = [], dht = false, host = '127.0.0.1' }: Script): Promise<Peer> {
  const { swarm } = configSchema.parse({
    version: 0.1,
    storage: { inmemory: {} },
    swarm: { reach: 'network', dht: { enabled: dht }, bootstrap: [...bootstrap] },
  })
  return openPeer({
    settings: swarm,
    privateKey: await generateKeyPair('Ed25519'),
    listen: [`/ip4/${host}/tcp/0`],
    transports: [tcp()],
    discovery: [],
    version: '0',
    datastore: new MemoryDatastore(),
    blockstore: new MemoryBlockstore(),
    log: silentLog,
  })
}

async function seek(network: Network, digest: Digest, onFound: (peer: string) => void): Promise<never> {
  for (;;) {
    const signal = AbortSignal.timeout(2000)
    for await (const peer of network.findProviders(digest, { signal })) onFound(peer)
    await sleep(500)
  }
}

/** In place of whatever would be answered. */
async function answerRaw(
  libp2p: Libp2p,
  raw: NonNullable<Behaviour['raw']>,
  onAsked: (by: string) => void,
): Promise<void> {
  await libp2p.unhandle(PROTOCOL)
  await libp2p.handle(PROTOCOL, async (stream, { remotePeer }) => {
    onAsked(String(remotePeer))
    await sendAll(stream, raw(), () => {}).catch(() => {})
  })
}
