/**
 * WebRTC-direct as a transport, for whoever listens on it by configuration. Apart from the library because that one
 * makes a connection of its native part for every STUN datagram that names a new user, before any limit of libp2p, and
 * the senders of datagrams can be made up; and because it asks STUN servers on the Internet who this machine is.
 */
import type { Listener, Transport } from '@libp2p/interface'
import type { Libp2pParts } from '../../core/libp2p/options.ts'

/** Handshakes at one time, each of which ends within ten seconds; and of those, with one address. */
const MOST = 16
const MAX_WITH_ADDRESS = 4

/** What is needed of the library's listener, of which its types tell nothing. */
interface Door extends Listener {
  incomingConnection(user: string, address: string, ...rest: unknown[]): Promise<void>
}

/** Loads the library, which is native code that reads datagrams of strangers. */
export async function webRtcDoor(): Promise<Libp2pParts['transports'][number]> {
  await import('reflect-metadata') // its certificates need it there first, wherever a bundler puts them
  const { webRTCDirect } = await import('@libp2p/webrtc')
  return (components) => {
    const transport: Transport = webRTCDirect({ rtcConfiguration: { iceServers: [] } })(components)
    const createListener = transport.createListener.bind(transport)
    transport.createListener = (options) => limit(createListener(options))
    return transport
  }
}

/** @throws Error where the library is made otherwise now: better no door than one without a limit */
function limit(listener: Listener): Listener {
  const door = listener as Door
  const { incomingConnection } = door
  if (!incomingConnection) throw new Error('the listener of @libp2p/webrtc cannot be limited')
  const underWay: string[] = []
  door.incomingConnection = async (user, address, ...rest) => {
    const withAddress = underWay.filter((other) => other === address)
    if (underWay.length >= MOST || withAddress.length >= MAX_WITH_ADDRESS) return
    underWay.push(address)
    try {
      await incomingConnection.call(door, user, address, ...rest)
    } finally {
      underWay.splice(underWay.indexOf(address), 1)
    }
  }
  return door
}
