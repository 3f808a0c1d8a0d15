/**
 * Keeps this peer connected: to those it was told of, those it finds, and those that were there before a network or a
 * process went away. libp2p itself connects to nobody, and gives up on a lost peer after a few tries.
 */
import type { IdentifyResult, Libp2p, PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Log } from '../log.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import { hostOf, idsOf, isLoopback } from './multiaddrs.ts'
import { createWantedPeers, type Kind, type Wanted } from './wanted.ts'

/** Milliseconds before the first and, later, before every other attempt at a peer that was found or lost. */
const FIRST_DELAY = 500
const LONGEST_DELAY = 30_000

/** A connection that lasted for less, in milliseconds, was as good as none. */
const SHORT_LIVED = 60_000

/** Milliseconds that a peer may take to answer a dial. */
const DIAL_TIMEOUT = 10_000

/** Attempts in a row, half a minute apart, at a peer that once spoke our protocol: a day. */
const MAX_ATTEMPTS = 2900

/** Attempts in a row at a peer that was found and never reached. It may be found again. */
const MAX_ATTEMPTS_AT_STRANGERS = 4

/** Attempts in a row after which a peer that is found again need not wait as long as the next would take. */
const PATIENT = 2

/** Where libp2p has more connections than it may, it closes those first that have no such mark. */
const KEPT = { 'flotilla-wanted': { value: 100 } }

export interface PeerAddress {
  readonly peer: PeerId
  readonly address: Multiaddr
}

export interface Peering {
  /** A peer was found nearby, perhaps not for the first time. */
  found(peer: PeerInfo): void
  /** A peer gave what proved true. */
  proved(peer: string): void
  /** Those that are to be kept connected. */
  wanted(): PeerId[]
  close(): void
}

/** @param useful - peers that gave what proved true in an earlier life; where they are is in the peer store */
export function keepConnected(
  libp2p: Libp2p,
  bootstrap: readonly PeerAddress[],
  log: Log,
  useful: readonly PeerId[] = [],
): Peering {
  const self = libp2p.peerId.toString()
  const wanted = createWantedPeers(({ timer }) => clearTimeout(timer))

  function want(id: string, kind: Kind, at: readonly Multiaddr[] = []): Wanted | undefined {
    if (id === self) return undefined
    const isTold = kind === 'near' || kind === 'named'
    const peer = wanted.want({ id, kind, host: hostAmong(at), ...(isTold && { addresses: at }) })
    if (peer) peer.isConnected = isConnected(peer)
    return peer
  }

  const isConnected = ({ id }: Wanted): boolean => libp2p.getConnections(peerIdFromString(id)).length > 0

  /** Of two that find each other at once, one dials first. */
  const isFirst = ({ id, kind }: Wanted): boolean => kind === 'named' || (kind === 'near' && self > id)

  const schedule = (peer: Wanted | undefined): void => {
    if (!peer || peer.timer || peer.isDialled || isConnected(peer)) return
    const isAtOnce = peer.attempts === 0 && peer.connectedAt === 0 && isFirst(peer)
    const delay = isAtOnce ? 0 : Math.min(FIRST_DELAY * 2 ** peer.attempts, LONGEST_DELAY)
    // Not all peers of a network that came back at the same moment.
    peer.timer = setTimeout(() => void dial(peer), delay * (0.5 + Math.random() / 2))
  }

  async function dial(peer: Wanted): Promise<void> {
    const { id } = peer
    peer.timer = undefined
    peer.isDialled = true
    try {
      const target = targetOf(peer)
      await libp2p.dial(target, { signal: AbortSignal.timeout(DIAL_TIMEOUT) })
    } catch (error) {
      log.debug('peer not reached', { peer: id, err: error })
      peer.attempts = (error as Error).name === 'DialDeniedError' ? Infinity : peer.attempts + 1
    }
    peer.isDialled = false
    if (wanted.get(id) !== peer) return
    if (isHopeless(peer)) wanted.drop(id)
    else schedule(peer)
  }

  /** It is there now, however often it was not. */
  function hurry(peer: Wanted | undefined): void {
    if (!peer || peer.attempts <= PATIENT) return
    peer.attempts = PATIENT
    clearTimeout(peer.timer)
    peer.timer = undefined
  }

  const keepOpen = (peer: PeerId): void =>
    void libp2p.peerStore.merge(peer, { tags: KEPT }).catch((err) => log.debug('peer not marked', { err }))

  const onConnect = ({ detail }: CustomEvent<PeerId>): void => {
    const peer = wanted.get(detail.toString())
    if (peer) Object.assign(peer, { connectedAt: Date.now(), isConnected: true })
    if (peer && peer.kind !== 'other') keepOpen(detail)
  }
  const onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    const peer = wanted.get(detail.toString())
    if (!peer) return
    peer.isConnected = false
    peer.attempts = Date.now() - peer.connectedAt > SHORT_LIVED ? 0 : peer.attempts + 1
    schedule(peer)
  }
  const onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void =>
    schedule(want(detail.id.toString(), 'other', detail.multiaddrs))
  const onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    if (!detail.protocols.includes(PROTOCOL)) return
    const peer = want(detail.peerId.toString(), 'other', [detail.connection.remoteAddr])
    if (peer) peer.isKnown = true
  }
  libp2p.addEventListener('peer:connect', onConnect)
  libp2p.addEventListener('peer:disconnect', onDisconnect)
  libp2p.addEventListener('peer:discovery', onDiscovery)
  libp2p.addEventListener('peer:identify', onIdentify)

  for (const { peer, address } of bootstrap) {
    schedule(want(peer.toString(), 'named', [address]))
  }
  for (const peer of useful) {
    const entry = want(peer.toString(), 'useful')
    if (entry) entry.isKnown = true
    schedule(entry)
  }

  return {
    found({ id, multiaddrs }) {
      const peer = want(id.toString(), 'near', withId(id, multiaddrs))
      hurry(peer)
      schedule(peer)
    },
    proved(id) {
      const known = wanted.get(id)
      if (known?.kind === 'useful' || (known?.kind === 'named' && known.isKnown)) return // told of each leaf
      const peer = peerIdFromString(id)
      const connections = libp2p.getConnections(peer)
      const entry = want(
        id,
        'useful',
        connections.map(({ remoteAddr }) => remoteAddr),
      )
      if (entry) entry.isKnown = true
      if (connections.length > 0) keepOpen(peer)
    },
    wanted: () => [...wanted].map(({ id }) => peerIdFromString(id)),
    close() {
      libp2p.removeEventListener('peer:connect', onConnect)
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      libp2p.removeEventListener('peer:discovery', onDiscovery)
      libp2p.removeEventListener('peer:identify', onIdentify)
      for (const { id } of [...wanted]) wanted.drop(id)
    },
  }
}

/** Where it is said to be, and in turn where it was once; of the named, the former is certain. */
const targetOf = ({ id, kind, addresses, attempts }: Wanted): PeerId | Multiaddr[] =>
  addresses.length > 0 && (kind === 'named' || attempts % 2 === 0) ? [...addresses] : peerIdFromString(id)

const isHopeless = ({ kind, attempts, isKnown }: Wanted): boolean =>
  kind !== 'named' && attempts >= (isKnown ? MAX_ATTEMPTS : MAX_ATTEMPTS_AT_STRANGERS)

const hostAmong = (addresses: readonly Multiaddr[]): string | undefined =>
  addresses.map(String).flatMap((text) => (isLoopback(text) ? [] : (hostOf(text) ?? [])))[0]

const withId = (id: PeerId, addresses: readonly Multiaddr[]): Multiaddr[] =>
  addresses.map((address) =>
    idsOf(`${address}`).at(-1) === `${id}` ? address : address.encapsulate(`/p2p/${id}`),
  )
