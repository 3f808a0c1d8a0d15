/** A stranger: anybody who speaks libp2p, in the test's own process, bound to nobody's manners. */

import { identify } from '@libp2p/identify'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import type { RegistryPeer } from '../../peers/registry-peer.ts'

export interface Stranger extends AsyncDisposable {
  readonly libp2p: Libp2p
  readonly connection: Connection
  /** A stream to the registry, of which the stranger reads nothing unless it is asked to. */
  open(protocol: string): Promise<Stream>
}

/** Under a new identity each time. @param incoming - protocols whose streams it accepts, without reading them */
export async function meetStranger(
  registry: RegistryPeer,
  incoming: readonly string[] = [],
): Promise<Stranger> {
  const libp2p = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify() },
    connectionGater: { denyDialMultiaddr: () => false },
  })
  for (const protocol of incoming) {
    await libp2p.handle(protocol, (stream) => stream.pause(), { maxInboundStreams: 1000 })
  }
  const connection = await libp2p.dial(multiaddr(await registry.peerAddress()))
  return {
    libp2p,
    connection,
    open: (protocol) => connection.newStream(protocol, { maxOutboundStreams: 1000 }),
    async [Symbol.asyncDispose]() {
      await libp2p.stop()
    },
  }
}
