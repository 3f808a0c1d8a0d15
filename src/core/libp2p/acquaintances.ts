/**
 * Whom this peer knows: those that it was told of, found, met, or had something from. Which of them are worth a
 * connection, a record in memory, or one on the disk is decided here.
 */
import type { Libp2p, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Datastore } from 'interface-datastore'
import type { Log } from '../log.ts'
import type { PeerId } from '../swarm/ports.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import { openPeerRecords } from './peer-records.ts'
import { keepConnected, type PeerAddress, type Peering } from './peering.ts'
import type { Reach } from './reach.ts'

export interface Acquaintances {
  /** All that lasts, but for records of peers. */
  readonly datastore: Datastore
  /** A peer was found nearby, perhaps not for the first time. */
  found(peer: PeerInfo): void
  /** A peer gave what proved true. Told often. */
  proved(peer: PeerId): void
  /** From here on those that come are known. */
  watch(libp2p: Libp2p): void
  /** Connects to those that are wanted, now and later. After {@link watch}. */
  connect(bootstrap: readonly PeerAddress[]): void
  close(): void
}

/** Found before this peer connects to any, and remembered until then. */
const MAX_EARLY = 64

export async function openAcquaintances(
  lasting: Datastore,
  { named }: Reach,
  log: Log,
): Promise<Acquaintances> {
  let libp2p: Libp2p | undefined
  let connecting: Peering | undefined
  const early: PeerInfo[] = []
  const inUse = () => [...(libp2p?.getPeers() ?? []), ...(connecting?.wanted() ?? [])]
  const { datastore, kept, isKept, keep } = await openPeerRecords(lasting, inUse)

  function remember(peer: PeerId): void {
    keep(peerIdFromString(peer)).catch((err) => log.debug('peer not remembered', { peer, err }))
  }

  return {
    datastore,
    found(peer) {
      if (connecting) connecting.found(peer)
      else if (early.length < MAX_EARLY) early.push(peer)
    },
    proved(peer) {
      connecting?.proved(peer)
      if (!isKept(peer)) remember(peer)
    },
    watch(opened) {
      libp2p = opened
      libp2p.addEventListener('peer:identify', ({ detail: { peerId, protocols } }) => {
        const peer = peerId.toString()
        if (protocols.includes(PROTOCOL) && (named.has(peer) || isKept(peer))) remember(peer)
      })
    },
    connect(bootstrap) {
      connecting = keepConnected(libp2p!, bootstrap, log, kept)
      for (const peer of early.splice(0)) connecting.found(peer)
    },
    close: () => connecting?.close(),
  }
}
