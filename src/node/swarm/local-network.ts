/** Finds peers on the local network by multicast DNS. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mdns } from '@libp2p/mdns'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import type { Log } from '../../core/log.ts'

/** Ours, so that other software of libp2p on the same network is left in peace. */
const SERVICE = '_flotilla._udp.local'

/** https://www.rfc-editor.org/rfc/rfc6762#section-3 */
const GROUP = '224.0.0.251'
const PORT = 5353

/** The log tells where it cannot work: nothing is found then, and nothing fails. */
export async function localDiscovery(log: Log): Promise<Libp2pParts['discovery']> {
  if (await hasRoute()) return [mdns({ serviceTag: SERVICE })]
  log.warn(
    'no route for multicast: peers on the local network will not be found; swarm.bootstrap can name them',
  )
  return []
}

/** Sends nothing: the system looks for a route when a socket is connected. */
async function hasRoute(): Promise<boolean> {
  const socket = createSocket('udp4')
  try {
    socket.connect(PORT, GROUP)
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
