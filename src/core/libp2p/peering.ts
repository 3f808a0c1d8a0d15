/**
 * Keeps this peer connected to the peers that are configured, discovered or useful, also after a network or a process went
 * away. libp2p alone connects to nobody, and gives up on a lost peer after a few attempts.
 */
import type { IdentifyResult, Libp2p, PeerId, PeerInfo } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Log } from '../log.ts'
import { PROTOCOL } from '../swarm/protocol/limits.ts'
import { createDialTargets, type DialTarget, type TargetKind } from './dial-targets.ts'
import { hostOf, idsOf, isLoopback } from './multiaddrs.ts'

/** The delay doubles with each attempt, from the first of these to the second. */
const MIN_DELAY_MS = 500
const MAX_DELAY_MS = 30_000

/** A connection that ended sooner counts as a failed attempt. */
const MIN_CONNECTION_MS = 60_000

const DIAL_TIMEOUT_MS = 10_000

/** Attempts in a row at a peer that once spoke our protocol: a day, at one every half a minute. */
const MAX_ATTEMPTS = 2900

/** Attempts in a row at a peer that was never reached. It may be discovered again. */
const MAX_ATTEMPTS_AT_STRANGERS = 4

/** When a peer is discovered again, its next delay is no longer than after so many attempts. */
const ATTEMPTS_AFTER_DISCOVERY = 2

/** libp2p closes connections without this tag first when it has too many. */
const KEEP_TAG = { 'flotilla-wanted': { value: 100 } }

export interface PeerAddress {
  readonly peer: PeerId
  readonly address: Multiaddr
}

export interface Peering {
  /** A peer was discovered nearby, perhaps not for the first time. */
  discovered(peer: PeerInfo): void
  /** A peer gave something that was verified. */
  reward(peer: string): void
  /** The peers that are to be kept connected. */
  targets(): PeerId[]
  close(): void
}

/** @param useful - peers that were useful before a restart; the peer store has their addresses */
export function startPeering(
  libp2p: Libp2p,
  bootstrap: readonly PeerAddress[],
  log: Log,
  useful: readonly PeerId[] = [],
): Peering {
  const peering = new Libp2pPeering(libp2p, log)
  for (const { peer, address } of bootstrap) peering.connect(peer, 'named', [address])
  for (const peer of useful) peering.connect(peer, 'useful')
  return peering
}

class Libp2pPeering implements Peering {
  readonly #libp2p: Libp2p
  readonly #log: Log
  readonly #self: string
  readonly #targets = createDialTargets(({ timer }) => clearTimeout(timer))

  constructor(libp2p: Libp2p, log: Log) {
    this.#libp2p = libp2p
    this.#log = log
    this.#self = libp2p.peerId.toString()
    libp2p.addEventListener('peer:connect', this.#onConnect)
    libp2p.addEventListener('peer:disconnect', this.#onDisconnect)
    libp2p.addEventListener('peer:discovery', this.#onDiscovery)
    libp2p.addEventListener('peer:identify', this.#onIdentify)
  }

  connect(peer: PeerId, kind: 'named' | 'useful', addresses: readonly Multiaddr[] = []): void {
    const target = this.#add(peer.toString(), kind, addresses)
    if (target && kind === 'useful') target.isKnown = true
    this.#schedule(target)
  }

  discovered({ id, multiaddrs }: PeerInfo): void {
    const target = this.#add(id.toString(), 'near', withId(id, multiaddrs))
    if (target && target.attempts > ATTEMPTS_AFTER_DISCOVERY) {
      target.attempts = ATTEMPTS_AFTER_DISCOVERY
      clearTimeout(target.timer)
      target.timer = undefined
    }
    this.#schedule(target)
  }

  reward(id: string): void {
    const known = this.#targets.get(id)
    // Called for each leaf, so the usual case must be cheap.
    if (known?.kind === 'useful' || (known?.kind === 'named' && known.isKnown)) return
    const peer = peerIdFromString(id)
    const addresses = this.#libp2p.getConnections(peer).map(({ remoteAddr }) => remoteAddr)
    const target = this.#add(id, 'useful', addresses)
    if (target) target.isKnown = true
    if (addresses.length > 0) this.#keepOpen(peer)
  }

  targets(): PeerId[] {
    return [...this.#targets].map(({ id }) => peerIdFromString(id))
  }

  close(): void {
    this.#libp2p.removeEventListener('peer:connect', this.#onConnect)
    this.#libp2p.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.#libp2p.removeEventListener('peer:discovery', this.#onDiscovery)
    this.#libp2p.removeEventListener('peer:identify', this.#onIdentify)
    for (const { id } of [...this.#targets]) this.#targets.drop(id)
  }

  #add(id: string, kind: TargetKind, addresses: readonly Multiaddr[] = []): DialTarget | undefined {
    if (id === this.#self) return undefined
    const isDialledThere = kind === 'near' || kind === 'named'
    const candidate = { id, kind, host: hostAmong(addresses), ...(isDialledThere && { addresses }) }
    const target = this.#targets.add(candidate)
    if (target) target.isConnected = this.#isConnected(target)
    return target
  }

  #isConnected({ id }: DialTarget): boolean {
    return this.#libp2p.getConnections(peerIdFromString(id)).length > 0
  }

  #schedule(target: DialTarget | undefined): void {
    if (!target || target.timer || target.isDialled || this.#isConnected(target)) return
    const isNew = target.attempts === 0 && target.connectedAt === 0
    const isAtOnce = isNew && this.#dialsFirst(target)
    const delay = isAtOnce ? 0 : Math.min(MIN_DELAY_MS * 2 ** target.attempts, MAX_DELAY_MS)
    // Randomized, so that the peers of a network that comes back do not all dial at the same moment.
    target.timer = setTimeout(() => void this.#dial(target), delay * (0.5 + Math.random() / 2))
  }

  /** When two peers discover each other, one dials first and the other waits. */
  #dialsFirst({ id, kind }: DialTarget): boolean {
    return kind === 'named' || (kind === 'near' && this.#self > id)
  }

  async #dial(target: DialTarget): Promise<void> {
    const { id } = target
    target.timer = undefined
    target.isDialled = true
    try {
      await this.#libp2p.dial(addressesOf(target), { signal: AbortSignal.timeout(DIAL_TIMEOUT_MS) })
    } catch (error) {
      this.#log.debug('peer not reached', { peer: id, err: error })
      target.attempts = (error as Error).name === 'DialDeniedError' ? Infinity : target.attempts + 1
    }
    target.isDialled = false
    if (this.#targets.get(id) !== target) return
    if (isHopeless(target)) this.#targets.drop(id)
    else this.#schedule(target)
  }

  #keepOpen(peer: PeerId): void {
    this.#libp2p.peerStore
      .merge(peer, { tags: KEEP_TAG })
      .catch((err) => this.#log.debug('peer not tagged', { err }))
  }

  readonly #onConnect = ({ detail }: CustomEvent<PeerId>): void => {
    const target = this.#targets.get(detail.toString())
    if (target) Object.assign(target, { connectedAt: Date.now(), isConnected: true })
    if (target && target.kind !== 'other') this.#keepOpen(detail)
  }

  readonly #onDisconnect = ({ detail }: CustomEvent<PeerId>): void => {
    const target = this.#targets.get(detail.toString())
    if (!target) return
    target.isConnected = false
    target.attempts = Date.now() - target.connectedAt > MIN_CONNECTION_MS ? 0 : target.attempts + 1
    this.#schedule(target)
  }

  readonly #onDiscovery = ({ detail }: CustomEvent<PeerInfo>): void =>
    this.#schedule(this.#add(detail.id.toString(), 'other', detail.multiaddrs))

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    if (!detail.protocols.includes(PROTOCOL)) return
    const target = this.#add(detail.peerId.toString(), 'other', [detail.connection.remoteAddr])
    if (target) target.isKnown = true
  }
}

/** Where the peer is said to be, and on every other attempt where it once was. For a named peer the former is certain. */
const addressesOf = ({ id, kind, addresses, attempts }: DialTarget): PeerId | Multiaddr[] =>
  addresses.length > 0 && (kind === 'named' || attempts % 2 === 0) ? [...addresses] : peerIdFromString(id)

const isHopeless = ({ kind, attempts, isKnown }: DialTarget): boolean =>
  kind !== 'named' && attempts >= (isKnown ? MAX_ATTEMPTS : MAX_ATTEMPTS_AT_STRANGERS)

const hostAmong = (addresses: readonly Multiaddr[]): string | undefined =>
  addresses.map(String).flatMap((text) => (isLoopback(text) ? [] : (hostOf(text) ?? [])))[0]

const withId = (id: PeerId, addresses: readonly Multiaddr[]): Multiaddr[] =>
  addresses.map((address) =>
    idsOf(`${address}`).at(-1) === `${id}` ? address : address.encapsulate(`/p2p/${id}`),
  )
