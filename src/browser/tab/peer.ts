/**
 * libp2p in a web page: it dials the WebSockets that the user named, and nothing else. Apart from everything that leads
 * here because it is large; loaded once there is somebody to dial.
 */

import { generateKeyPair } from '@libp2p/crypto/keys'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { orAborted } from '../../core/async/abortable.ts'
import { createNotifier } from '../../core/async/notifier.ts'
import { peerAddresses } from '../../core/libp2p/addresses.ts'
import { noProviders } from '../../core/libp2p/content-routing.ts'
import { createComponentLogger } from '../../core/libp2p/logger.ts'
import { openNetwork } from '../../core/libp2p/network.ts'
import { libp2pOptions } from '../../core/libp2p/options.ts'
import { keepConnected, type Peering } from '../../core/libp2p/peering.ts'
import { statusOf } from '../../core/libp2p/status.ts'
import { createTraffic, STREAM_PROTOCOL } from '../../core/libp2p/traffic.ts'
import { silentLog as log } from '../../core/log.ts'
import type { Network, PeerId } from '../../core/swarm/ports.ts'
import type { Status } from '../tab-protocol.ts'

export interface TabPeer {
  /** Waits until the peer has been reached, or not. */
  readonly ask: Network['request']
  /** Stays connected to these from now on, and to no other. */
  connect(addresses: readonly string[]): Promise<void>
  status(): Pick<Status, 'id' | 'isSettled' | 'peers'>
  close(): Promise<void>
}

/** Milliseconds in which a peer that can be reached has been reached. */
const SETTLING = 1500

/** Under a key of its own each time, as no two tabs may pass for the same peer. @param onChange - of the status */
export async function openTabPeer(onChange: () => void): Promise<TabPeer> {
  const privateKey = await generateKeyPair('Ed25519')
  const traffic = createTraffic()
  let allowed: readonly string[] = []
  const libp2p = await createLibp2p({
    ...libp2pOptions({
      privateKey,
      listen: [],
      announce: [],
      transports: [webSockets()],
      discovery: [],
      version: 'browser',
    }),
    // Peers tell of more addresses; the default would deny the private ones among those that were named.
    connectionGater: {
      denyDialMultiaddr: (address) => !allowed.some((named) => isSame(named, `${address}`)),
    },
    logger: createComponentLogger(log),
  })
  const notifier = createNotifier()
  const changed = (): void => {
    notifier.notify()
    onChange()
  }
  const providers = noProviders
  const network = await openNetwork({ libp2p, privateKey, providers, traffic, onChange: changed })
  let wanted: PeerId[] = []
  let reconnecting: Peering | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const isSettled = (): boolean =>
    timer === undefined || wanted.every((peer) => network.peers().includes(peer))

  function settleLater(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      changed()
    }, SETTLING)
  }

  return {
    async ask(peer, question, options) {
      while (!network.peers().includes(peer) && !isSettled()) await orAborted(notifier.wait(), options.signal)
      return network.request(peer, question, options)
    },

    async connect(addresses) {
      allowed = addresses
      settleLater()
      const named = peerAddresses(addresses, log)
      wanted = named.map(({ peer }) => peer.toString())
      reconnecting?.close()
      const others = libp2p.getPeers().filter((peer) => !wanted.includes(peer.toString()))
      await Promise.all(others.map((peer) => libp2p.hangUp(peer)))
      reconnecting = keepConnected(libp2p, named, log)
    },

    status() {
      const { id, peers } = statusOf(libp2p, traffic, network.peers())
      const reached = peers.filter(({ isRegistry }) => isRegistry)
      return {
        id,
        isSettled: isSettled(),
        peers: reached.map(({ id, addresses, moved }) => {
          const { received = 0, sent = 0 } = moved[STREAM_PROTOCOL] ?? {}
          return { id, addresses: [...addresses], received, sent }
        }),
      }
    },

    async close() {
      clearTimeout(timer)
      reconnecting?.close()
      network.close()
      await libp2p.stop()
    },
  }
}

/** With or without the peer's id at the end. */
const isSame = (named: string, dialled: string): boolean => bare(named) === bare(dialled)

const bare = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '')
