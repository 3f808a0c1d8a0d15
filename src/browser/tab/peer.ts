/**
 * libp2p in a web page. It dials the WebSocket addresses in the settings and no others. Pages load this module only when
 * there is a peer to dial, because libp2p is large.
 */

import { generateKeyPair } from '@libp2p/crypto/keys'
import { webSockets } from '@libp2p/websockets'
import { createLibp2p } from 'libp2p'
import { raceSignal } from '../../core/async/abortable.ts'
import { createNotifier } from '../../core/async/notifier.ts'
import { parsePeerAddresses } from '../../core/libp2p/addresses.ts'
import { noProviderRecords } from '../../core/libp2p/content-routing.ts'
import { openNetwork } from '../../core/libp2p/network.ts'
import { createComponentLogger, libp2pOptions } from '../../core/libp2p/options.ts'
import { type Peering, startPeering } from '../../core/libp2p/peering.ts'
import { statusOf } from '../../core/libp2p/status.ts'
import { createTraffic, STREAM_PROTOCOL } from '../../core/libp2p/traffic.ts'
import { silentLog as log } from '../../core/log.ts'
import type { Network, PeerId } from '../../core/swarm/ports.ts'
import type { LeaderStatus } from '../tab-protocol.ts'

export interface TabPeer {
  /** Waits until the peer is connected or the first attempt has failed. */
  readonly request: Network['request']
  /** Stays connected to these addresses from now on, and to no others. */
  connect(addresses: readonly string[]): Promise<void>
  status(): Pick<LeaderStatus, 'id' | 'isSettled' | 'peers'>
  close(): Promise<void>
}

/** A peer that is reachable is connected within this time. */
const SETTLING_MS = 1500

/** Makes a new key each time, because two tabs must not have the same peer id. @param onChange - called when the status changes */
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
    // Peers announce more addresses, which are not dialled. The default gater would deny private addresses in the settings.
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
  const providers = noProviderRecords
  const network = await openNetwork({ libp2p, privateKey, providers, traffic, onChange: changed })
  let wanted: PeerId[] = []
  let peering: Peering | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const isSettled = (): boolean =>
    timer === undefined || wanted.every((peer) => network.peers().includes(peer))

  function settleLater(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      changed()
    }, SETTLING_MS)
  }

  return {
    async request(peer, request, options) {
      while (!network.peers().includes(peer) && !isSettled())
        await raceSignal(notifier.wait(), options.signal)
      return network.request(peer, request, options)
    },

    async connect(addresses) {
      allowed = addresses
      settleLater()
      const named = parsePeerAddresses(addresses, log)
      wanted = named.map(({ peer }) => peer.toString())
      peering?.close()
      const others = libp2p.getPeers().filter((peer) => !wanted.includes(peer.toString()))
      await Promise.all(others.map((peer) => libp2p.hangUp(peer)))
      peering = startPeering(libp2p, named, log)
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
      peering?.close()
      network.close()
      await libp2p.stop()
    },
  }
}

/** Compares addresses without the peer's id at the end. */
const isSame = (named: string, dialled: string): boolean => bare(named) === bare(dialled)

const bare = (address: string): string => address.replace(/\/p2p\/[^/]+$/, '')
