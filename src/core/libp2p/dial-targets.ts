/**
 * Which peers are to be kept connected. There can only be so many, and strangers can make up any number of peers: so
 * targets compete only with others of their kind, no host gets more than its share, and hopeless ones make way for new
 * ones.
 */
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * `named`: in the configuration. `useful`: gave something that was verified, now or before a restart. `near`: discovered
 * on this machine or the local network. `other`: connected to this peer, or was learnt about from others.
 */
export type TargetKind = 'named' | 'useful' | 'near' | 'other'

export interface DialTarget {
  readonly id: string
  kind: TargetKind
  /** Where it is said to be, the latest first. The peer store may know other addresses. */
  addresses: readonly Multiaddr[]
  /** The host that it was seen at, whose share it counts for; `undefined` for loopback. */
  host: string | undefined
  /** Failed attempts in a row. */
  attempts: number
  /** Whether it has spoken our protocol. */
  isKnown: boolean
  isConnected: boolean
  isDialled: boolean
  /** For the next attempt. */
  timer: ReturnType<typeof setTimeout> | undefined
  /** Milliseconds since 1970. */
  connectedAt: number
}

type Candidate = Pick<DialTarget, 'id' | 'kind'> & Partial<Pick<DialTarget, 'addresses' | 'host'>>

export interface DialTargets extends Iterable<DialTarget> {
  get(id: string): DialTarget | undefined
  /** Raises the kind of a peer that is a target already. `undefined` if all targets of the kind are connected. */
  add(candidate: Candidate): DialTarget | undefined
  drop(id: string): void
}

/** Of each kind, except the named ones, which are not limited. */
const MAX_PER_KIND = 64

/** Of one kind, at one host. */
const MAX_PER_HOST = 8

/** Of one target. */
const MAX_ADDRESSES = 16

const RANK: Readonly<Record<TargetKind, number>> = { other: 0, near: 1, useful: 2, named: 3 }

/** @param onDrop - called with targets that are dropped */
export const createDialTargets = (onDrop: (target: DialTarget) => void): DialTargets => new TargetSet(onDrop)

class TargetSet implements DialTargets {
  readonly #targets = new Map<string, DialTarget>()
  readonly #onDrop: (target: DialTarget) => void

  constructor(onDrop: (target: DialTarget) => void) {
    this.#onDrop = onDrop
  }

  get(id: string): DialTarget | undefined {
    return this.#targets.get(id)
  }

  [Symbol.iterator](): MapIterator<DialTarget> {
    return this.#targets.values()
  }

  add(candidate: Candidate): DialTarget | undefined {
    const before = this.#targets.get(candidate.id)
    const rises = !before || RANK[candidate.kind] > RANK[before.kind]
    if (rises && !this.#makeSpace(candidate)) return before
    const target = before ?? newTarget(candidate.id)
    learn(target, candidate)
    if (rises) target.kind = candidate.kind
    this.#targets.set(candidate.id, target)
    return target
  }

  drop(id: string): void {
    const target = this.#targets.get(id)
    if (target && this.#targets.delete(id)) this.#onDrop(target)
  }

  #makeSpace({ id, kind, host }: Candidate): boolean {
    if (kind === 'named') return true
    const rivals = [...this.#targets.values()].filter((target) => target.kind === kind && target.id !== id)
    const neighbours = host === undefined ? [] : rivals.filter((target) => target.host === host)
    if (neighbours.length >= MAX_PER_HOST) return this.#displace(neighbours)
    return rivals.length < MAX_PER_KIND || this.#displace(rivals)
  }

  #displace(rivals: readonly DialTarget[]): boolean {
    const worst = rivals.reduce((one, other) => (isWorse(other, one) ? other : one))
    if (worst.isConnected) return false
    this.drop(worst.id)
    return true
  }
}

/**
 * Anybody can claim to know where a peer is, so earlier addresses are kept for a while; and for a named peer, only the
 * configuration counts.
 */
function learn(target: DialTarget, { kind, addresses = [], host }: Candidate): void {
  if (target.kind === 'named' && kind !== 'named') return
  target.host = host ?? target.host
  const before = target.addresses.filter((address) => !addresses.some((other) => other.equals(address)))
  target.addresses = [...addresses, ...before].slice(0, kind === 'named' ? undefined : MAX_ADDRESSES)
}

const newTarget = (id: string): DialTarget => ({
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

/** Of two equal targets, the one that came first, because it has had its chance. */
function isWorse(one: DialTarget, other: DialTarget): boolean {
  if (one.isConnected !== other.isConnected) return other.isConnected
  if (one.isKnown !== other.isKnown) return other.isKnown
  return one.attempts > other.attempts
}
