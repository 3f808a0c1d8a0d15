/**
 * WebRTC-direct as a transport, for registries that are configured to listen on it. It limits the library's listener, which
 * creates a native connection for every STUN datagram with a new user name, before any limit of libp2p applies, although
 * senders of datagrams can be forged. It also stops the library from querying STUN servers on the Internet.
 */
import type { Listener, Transport } from '@libp2p/interface'
import type { Libp2pInit } from '../../core/libp2p/options.ts'

/** Simultaneous handshakes, each of which ends within ten seconds: in total, and with one address. */
const MAX_HANDSHAKES = 16
const MAX_HANDSHAKES_PER_ADDRESS = 4

/** Members of the library's listener that its types lack. */
interface WebRtcListener extends Listener {
  incomingConnection(user: string, address: string, ...rest: unknown[]): Promise<void>
}

/** Loads the library, which is native code that parses datagrams from anybody. */
export async function limitedWebRtc(): Promise<Libp2pInit['transports'][number]> {
  await import('reflect-metadata') // must be loaded before the library's certificates, in bundles, too
  const { webRTCDirect } = await import('@libp2p/webrtc')
  return (components) => {
    const transport: Transport = webRTCDirect({ rtcConfiguration: { iceServers: [] } })(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options) => limit(createListener(options))
    return transport
  }
}

/** @throws Error if the library has changed: no listener is better than one without a limit */
function limit(listener: Listener): Listener {
  const webRtc = listener as WebRtcListener
  const { incomingConnection } = webRtc
  if (!incomingConnection)
    throw new Error('the listener of @libp2p/webrtc cannot be limited: its version is not supported')
  const underWay: string[] = []
  webRtc.incomingConnection = async (user, address, ...rest) => {
    const withAddress = underWay.filter((other) => other === address)
    if (underWay.length >= MAX_HANDSHAKES || withAddress.length >= MAX_HANDSHAKES_PER_ADDRESS) return
    underWay.push(address)
    try {
      await incomingConnection.call(webRtc, user, address, ...rest)
    } finally {
      underWay.splice(underWay.indexOf(address), 1)
    }
  }
  return webRtc
}
