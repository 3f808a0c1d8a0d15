/** A peer of IPFS at large: Helia as it comes, with Bitswap and UnixFS, and nothing of ours. */
import { createHash } from 'node:crypto'
import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { MemoryBlockstore } from 'blockstore-core'
import { createHeliaLight } from 'helia'
import type { CID } from 'multiformats/cid'
import { fileSystemOn, importInto } from '../../unit/core/dag/unixfs.ts'

export interface BareHelia extends AsyncDisposable {
  readonly address: string
  readonly id: string
  connect(address: string): Promise<void>
  /** Gives the root. */
  add(bytes: Uint8Array): Promise<CID>
  /** Adds the bytes as one block. */
  addBlock(cid: CID, bytes: Uint8Array): Promise<void>
  /** Gives a block that a connected peer has. */
  block(cid: CID): Promise<Uint8Array>
  /** Whether a connected peer gives this block within a second. */
  finds(cid: CID): Promise<boolean>
  /** Fetches a file, from any connected peer, and gives its sha-256 in hexadecimal. */
  hashOf(root: CID, signal?: AbortSignal): Promise<string>
}

export async function startBareHelia(): Promise<BareHelia> {
  const blockstore = new MemoryBlockstore()
  const helia = withBitswap(
    withLibp2pLight(createHeliaLight({ blockstore }), {
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() },
    }),
  )
  await helia.start()
  const { libp2p } = helia
  return {
    address: String(libp2p.getMultiaddrs()[0]),
    id: String(libp2p.peerId),
    connect: async (address) => void (await libp2p.dial(multiaddr(address))),
    add: (bytes) => importInto(helia.blockstore, [bytes]),
    addBlock: async (cid, bytes) => void (await helia.blockstore.put(cid, bytes)),
    block: async (cid) => Buffer.concat(await Array.fromAsync(helia.blockstore.get(cid))),
    async finds(cid) {
      try {
        for await (const _ of helia.blockstore.get(cid, { signal: AbortSignal.timeout(1000) }));
        return true
      } catch {
        return false
      }
    },
    async hashOf(root, signal = AbortSignal.timeout(60_000)) {
      const hash = createHash('sha256')
      for await (const chunk of fileSystemOn(helia.blockstore).cat(root, { signal })) hash.update(chunk)
      return hash.digest('hex')
    },
    async [Symbol.asyncDispose]() {
      await helia.stop()
    },
  }
}
