/**
 * The peers that this one knows: configured, discovered, connected before, or useful. It decides which of them are worth a
 * connection, a record in memory, or one on the disk.
 */
import type { Libp2p, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Datastore } from 'interface-datastore'
import type { Log } from '../log.ts'
import type { PeerId } from '../swarm/ports.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import { openPeerRecords } from './peer-records.ts'
import { type PeerAddress, type Peering, startPeering } from './peering.ts'
import type { Reach } from './reach.ts'

export interface KnownPeers {
  /** The given datastore, except that records of peers are bounded. */
  readonly datastore: Datastore
  /** A peer was discovered nearby, perhaps not for the first time. */
  discovered(peer: PeerInfo): void
  /** A peer gave something that was verified. Called often. */
  reward(peer: PeerId): void
  /** From here on, peers that connect are known. */
  watch(libp2p: Libp2p): void
  /** Starts to connect to peers, and keeps doing so. Call {@link watch} before. */
  connect(bootstrap: readonly PeerAddress[]): void
  close(): void
}

/** Peers that are discovered before this one connects to any are remembered until then. */
const MAX_EARLY_PEERS = 64

export async function openKnownPeers(persistent: Datastore, { named }: Reach, log: Log): Promise<KnownPeers> {
  let libp2p: Libp2p | undefined
  let peering: Peering | undefined
  const early: PeerInfo[] = []
  const inUse = () => [...(libp2p?.getPeers() ?? []), ...(peering?.targets() ?? [])]
  const { datastore, kept, isKept, keep } = await openPeerRecords(persistent, inUse)

  function remember(peer: PeerId): void {
    keep(peerIdFromString(peer)).catch((err) => log.debug('peer not remembered', { peer, err }))
  }

  return {
    datastore,
    discovered(peer) {
      if (peering) peering.discovered(peer)
      else if (early.length < MAX_EARLY_PEERS) early.push(peer)
    },
    reward(peer) {
      peering?.reward(peer)
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
      peering = startPeering(libp2p!, bootstrap, log, kept)
      for (const peer of early.splice(0)) peering.discovered(peer)
    },
    close: () => peering?.close(),
  }
}
