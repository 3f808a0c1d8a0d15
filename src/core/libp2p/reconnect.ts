/**
 * Keeps this peer connected: to those it was told of, those it finds, and those that were there before a network or a
 * process went away. libp2p itself connects to nobody, and gives up on a lost peer after a few tries.
 */
import type { Libp2p, PeerId, PeerInfo } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Log } from '../log.ts'
import { PROTOCOL } from '../swarm/protocol.ts'

/** Milliseconds before the first and, later, before every other attempt at a peer that was found or lost. */
const FIRST_DELAY = 500
const LONGEST_DELAY = 30_000

/** A connection that lasted for less, in milliseconds, was as good as none. */
const SHORT_LIVED = 60_000

/** Milliseconds that a peer may take to answer a dial. */
const DIAL_TIMEOUT = 10_000

/** Attempts in a row, half a minute apart, at a peer that once spoke our protocol: a day. */
const MOST_ATTEMPTS = 2900

/** Attempts in a row at a peer that was found and never reached. It may be found again. */
const MOST_ATTEMPTS_AT_STRANGERS = 4

/** Peers that are kept connected; found ones beyond that are left to the DHT. */
const MOST_PEERS = 64

interface Wanted {
  readonly peer: PeerId
  /** From the configuration; others are in the peer store. */
  readonly addresses: Multiaddr[]
  attempts: number
  isKnown: boolean
  /** Milliseconds since 1970. */
  connectedAt: number
  timer: ReturnType<typeof setTimeout> | undefined
}

export interface PeerAddress {
  readonly peer: PeerId
  readonly address: Multiaddr
}

export interface Reconnecting {
  /** A peer was found, perhaps not for the first time. Where it can be reached is in the peer store. */
  found(peer: PeerId): void
  close(): void
}

export async function keepConnected(
  libp2p: Libp2p,
  bootstrap: readonly PeerAddress[],
  log: Log,
): Promise<Reconnecting> {
  const wanted = new Map<string, Wanted>()

  const want = (peer: PeerId, isKnown: boolean): Wanted | undefined => {
    const before = wanted.get(peer.toString())
    if (before || wanted.size >= MOST_PEERS || peer.equals(libp2p.peerId)) return before
    const entry: Wanted = { peer, addresses: [], attempts: 0, isKnown, connectedAt: 0, timer: undefined }
    wanted.set(peer.toString(), entry)
    return entry
  }

  const schedule = (entry: Wanted | undefined): void => {
    if (!entry || entry.timer || libp2p.getConnections(entry.peer).length > 0) return
    const delay = Math.min(FIRST_DELAY * 2 ** entry.attempts, LONGEST_DELAY)
    // Not all peers of a network that came back at the same moment.
    entry.timer = setTimeout(() => void dial(entry), delay * (0.5 + Math.random() / 2))
  }

  async function dial(entry: Wanted): Promise<void> {
    const { peer, addresses } = entry
    try {
      const target = addresses.length > 0 ? addresses : peer
      await libp2p.dial(target, { signal: AbortSignal.timeout(DIAL_TIMEOUT) })
    } catch (error) {
      log.debug('peer not reached', { peer: peer.toString(), err: error })
      entry.attempts += 1
    }
    entry.timer = undefined
    if (!wanted.has(peer.toString())) return
    if (isHopeless(entry)) wanted.delete(peer.toString())
    else schedule(entry)
  }

  const onConnect = ({ detail }: CustomEvent<PeerId>): void => {
    const entry = wanted.get(detail.toString())
    if (entry) entry.connectedAt = Date.now()
  }
  const onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    const entry = wanted.get(detail.toString())
    if (entry) entry.attempts = Date.now() - entry.connectedAt > SHORT_LIVED ? 0 : entry.attempts + 1
    schedule(entry)
  }
  const onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void => schedule(want(detail.id, false))
  const onIdentify = ({ detail }: CustomEvent<{ peerId: PeerId; protocols: string[] }>): void => {
    if (!detail.protocols.includes(PROTOCOL)) return
    const entry = want(detail.peerId, true)
    if (entry) entry.isKnown = true
  }
  libp2p.addEventListener('peer:connect', onConnect)
  libp2p.addEventListener('peer:disconnect', onDisconnect)
  libp2p.addEventListener('peer:discovery', onDiscovery)
  libp2p.addEventListener('peer:identify', onIdentify)

  for (const { peer, address } of bootstrap) {
    const entry = want(peer, true)
    if (!entry) continue
    entry.addresses.push(address)
    entry.timer ??= setTimeout(() => void dial(entry))
  }
  for (const { id, protocols } of await libp2p.peerStore.all()) {
    if (protocols.includes(PROTOCOL)) schedule(want(id, true))
  }

  return {
    found: (peer) => schedule(want(peer, false)),
    close() {
      libp2p.removeEventListener('peer:connect', onConnect)
      libp2p.removeEventListener('peer:disconnect', onDisconnect)
      libp2p.removeEventListener('peer:discovery', onDiscovery)
      libp2p.removeEventListener('peer:identify', onIdentify)
      for (const { timer } of wanted.values()) clearTimeout(timer)
      wanted.clear()
    },
  }
}

const isHopeless = ({ attempts, addresses, isKnown }: Wanted): boolean =>
  addresses.length === 0 && attempts >= (isKnown ? MOST_ATTEMPTS : MOST_ATTEMPTS_AT_STRANGERS)
