/**
 * A receiver of Bitswap, as Helia has it: the DAG of one blob from one peer, sha256 of its bytes. It stores no block,
 * which costs neither time nor memory. Forked with the peer's address, the root, and the most blocks that are wanted at
 * once; 0 leaves that to UnixFS.
 */
import { createHash } from 'node:crypto'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { decode } from '@ipld/dag-pb'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { BlackHoleBlockstore } from 'blockstore-core/black-hole'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { report } from './report.ts'

const [address = '', root = '', most = '0'] = process.argv.slice(2)

const helia = withLibp2pLight(createHeliaLight({ blockstore: new BlackHoleBlockstore() }), {
  addresses: { listen: [] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux({ streamOptions: { maxStreamWindowSize: 4 * 1024 * 1024 } })],
  services: { identify: identify() },
})
withBitswap(helia)
await helia.start()
await helia.libp2p.dial(multiaddr(address))
process.once('message', async () => {
  const hash = createHash('sha256')
  const bytes = Number(most) > 0 ? leaves(Number(most)) : unixfs(helia).cat(CID.parse(root))
  for await (const chunk of bytes) hash.update(chunk)
  report(hash)
})
process.send!('ready')

/** The leaves below one inner node, in order. */
async function* leaves(most: number): AsyncGenerator<Uint8Array> {
  const { Links } = decode(await block(CID.parse(root)))
  const wanted: Promise<Uint8Array>[] = []
  for (const { Hash } of Links) {
    wanted.push(block(CID.parse(String(Hash))))
    if (wanted.length === most) yield wanted.shift()!
  }
  for (const leaf of wanted) yield leaf
}

async function block(cid: CID): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of helia.blockstore.get(cid)) chunks.push(chunk)
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}
