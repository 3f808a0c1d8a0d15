/**
 * Which peers are to be kept connected. Places are few, and strangers can make up peers without end, so those of a kind
 * compete only with each other, no host gets more than its share, and the hopeless give way to the new.
 */
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * `named`: in the configuration. `useful`: gave what proved true, now or in an earlier life. `near`: found on this
 * machine or this local network. `other`: came by itself, or was heard of from peers.
 */
export type Kind = 'named' | 'useful' | 'near' | 'other'

export interface Wanted {
  readonly id: string
  kind: Kind
  /** Where it is said to be, the latest first; what else is known is in the peer store. */
  addresses: readonly Multiaddr[]
  /** That it was seen at, for its share. Hosts of loopback have none. */
  host: string | undefined
  /** Failed ones in a row. */
  attempts: number
  /** It spoke our protocol. */
  isKnown: boolean
  isConnected: boolean
  isDialled: boolean
  /** Of the next attempt. */
  timer: ReturnType<typeof setTimeout> | undefined
  /** Milliseconds since 1970. */
  connectedAt: number
}

type Found = Pick<Wanted, 'id' | 'kind'> & Partial<Pick<Wanted, 'addresses' | 'host'>>

export interface WantedPeers extends Iterable<Wanted> {
  get(id: string): Wanted | undefined
  /** Raises the kind of one that is wanted already. `undefined`: no place, as all of its kind are connected. */
  want(found: Found): Wanted | undefined
  drop(id: string): void
}

/** Of each kind but the named, for which there is always one. */
const PLACES = 64

/** Places of a kind that one host can have. */
const SHARE = 8

/** Of one that was found. */
const MAX_ADDRESSES = 16

const RANK: Readonly<Record<Kind, number>> = { other: 0, near: 1, useful: 2, named: 3 }

/** @param onGone - told of those that are not wanted any more */
export function createWantedPeers(onGone: (peer: Wanted) => void): WantedPeers {
  const peers = new Map<string, Wanted>()

  function drop(id: string): void {
    const gone = peers.get(id)
    if (gone && peers.delete(id)) onGone(gone)
  }

  function hasPlace({ id, kind, host }: Found): boolean {
    if (kind === 'named') return true
    const rivals = [...peers.values()].filter((peer) => peer.kind === kind && peer.id !== id)
    const neighbours = host === undefined ? [] : rivals.filter((peer) => peer.host === host)
    if (neighbours.length >= SHARE) return displace(neighbours)
    return rivals.length < PLACES || displace(rivals)
  }

  function displace(rivals: readonly Wanted[]): boolean {
    const worst = rivals.reduce((one, other) => (isWorse(other, one) ? other : one))
    if (worst.isConnected) return false
    drop(worst.id)
    return true
  }

  return {
    get: (id) => peers.get(id),
    drop,
    [Symbol.iterator]: () => peers.values(),
    want(found) {
      const before = peers.get(found.id)
      const rises = !before || RANK[found.kind] > RANK[before.kind]
      if (rises && !hasPlace(found)) return before
      const peer = before ?? newcomer(found.id)
      learn(peer, found)
      if (rises) peer.kind = found.kind
      peers.set(found.id, peer)
      return peer
    },
  }
}

/** Anybody may say where a peer is: what was heard before stays for a while, and of the named nothing is believed. */
function learn(peer: Wanted, { kind, addresses = [], host }: Found): void {
  if (peer.kind === 'named' && kind !== 'named') return
  peer.host = host ?? peer.host
  const before = peer.addresses.filter((address) => !addresses.some((other) => other.equals(address)))
  peer.addresses = [...addresses, ...before].slice(0, kind === 'named' ? undefined : MAX_ADDRESSES)
}

const newcomer = (id: string): Wanted => ({
  id,
  kind: 'other',
  addresses: [],
  host: undefined,
  attempts: 0,
  isKnown: false,
  isConnected: false,
  isDialled: false,
  timer: undefined,
  connectedAt: 0,
})

/** Of two that are alike, the one that came first: it has had its chance. */
function isWorse(one: Wanted, other: Wanted): boolean {
  if (one.isConnected !== other.isConnected) return other.isConnected
  if (one.isKnown !== other.isKnown) return other.isKnown
  return one.attempts > other.attempts
}
