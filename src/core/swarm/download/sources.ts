/**
 * The peers that give us a blob. Each holder is asked for a turn; where many want the same at once, it names others who
 * are getting it and who give what has come to them so far. So an image reaches a whole cluster, and each peer sends it
 * to a few.
 */
import { isSingleLeaf, leafCount } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { Provider } from '../lookup/providers.ts'
import { shuffled } from '../lookup/shuffled.ts'
import type { Network, PeerId } from '../ports.ts'
import type { Offer } from '../protocol/messages.ts'
import type { Claim } from './claim.ts'
import { createPace, type Pace } from './pace.ts'
import { createPlaces } from './places.ts'
import { requestSlot } from './request-slot.ts'

export interface Source extends Provider {
  /** Leaves from the first on that it can give now. */
  readonly available: number
  readonly pace: Pace
}

export interface SourcesDeps {
  readonly network: Network
  readonly digest: Digest
  readonly claim: Claim
  readonly backoff: PeerBackoff
  /** Milliseconds. */
  readonly stall: number
  onFeeder(source: Source): void
  /** A feeder can give more. */
  onMore(): void
  /** A feeder gives no more, for which it is not to blame. */
  onEnd(peer: PeerId): void
  /** Whether nothing is on its way here. */
  isIdle(): boolean
  /** Whether it sends next to nothing of what it was asked for. */
  isMute(peer: PeerId): boolean
}

export interface Sources {
  /** One that has all of it. */
  add(provider: Provider): void
  /** It failed as a feeder. */
  lose(peer: PeerId): void
  /** Holders that are asked, whether or not they give already. */
  readonly expected: number
  /** Whether somebody gives, or may yet. */
  readonly isHopeful: boolean
  close(): void
}

/** Peers that are asked for a turn at once. */
const MAX_ASKED = 16

/** Peers that were named by others and are remembered. */
const MAX_NAMED = 128

/** Milliseconds from one look at who is slow to the next. */
const LOOK = 100

/** A blob of fewer bytes is sent sooner than turns are settled. */
const WORTH_A_TURN = 256 * 1024

interface Candidate extends Provider {
  offer: Offer
  available: number
  state: 'asked' | 'in line' | 'feeding'
  readonly isWhole: boolean
  readonly control: AbortController
  readonly pace: Pace
}

export function createSources(parts: SourcesDeps): Sources {
  const { network, digest, claim, backoff } = parts
  const count = leafCount(claim.size)
  const providers = new Map<PeerId, Provider>()
  const named = new Set<PeerId>()
  const candidates = new Map<PeerId, Candidate>()
  /** Holders that let us wait. */
  const busy = new Set<PeerId>()
  const lost = new Set<PeerId>([network.self])
  const paces = new Map<PeerId, Pace>()
  let hasMoved = false
  const timers = [setInterval(hurry, parts.stall / 2), setInterval(look, LOOK)]

  const only = (test: (candidate: Candidate) => boolean) => [...candidates.values()].filter(test)
  const isFed = () => only(({ state }) => state === 'feeding').length > 0
  const isFree = (peer: PeerId) => !candidates.has(peer) && !lost.has(peer) && !backoff.blockOf(peer)

  const working = () => only(({ isWhole, state }) => isWhole && state !== 'in line')
  const places = createPlaces({ asked: working, isMute: parts.isMute })
  const isSpare = (peer: PeerId) => isFree(peer) && !(isFed() && busy.has(peer))

  /** Asks holders, as many as work side by side, and while nobody gives, those that were named. */
  function fill(): void {
    for (const provider of providers.values()) {
      if (places.hasRoom && isSpare(provider.peer)) begin(provider, true)
    }
    for (const peer of shuffled(named)) {
      if (isFed() || candidates.size >= MAX_ASKED) return
      if (isFree(peer)) begin({ peer, offer: { size: claim.size } }, false)
    }
  }

  function begin(provider: Provider, isWhole: boolean): void {
    const control = new AbortController()
    const pace = paces.get(provider.peer) ?? createPace()
    paces.set(provider.peer, pace)
    pace.begin()
    const candidate: Candidate = { ...provider, isWhole, control, pace, available: 0, state: 'asked' }
    candidates.set(provider.peer, candidate)
    if (claim.size < WORTH_A_TURN) feed(candidate, count)
    else void attend(candidate)
  }

  /** Never rejects. A holder that does not know of turns is taken from without one. */
  async function attend(candidate: Candidate): Promise<void> {
    const { peer, isWhole, control } = candidate
    try {
      const { offer, instead, counts } = await requestSlot(network, peer, digest, control.signal)
      if (!isWhole) candidate.offer = requireSame(offer)
      if (instead.length > 0) line(candidate, instead)
      else feed(candidate, 0)
      for await (const available of counts) grow(candidate, available)
    } catch {
      // Its stream is only news; whether the peer itself has failed, fetching from it will show.
    }
    if (control.signal.aborted) return
    if (isWhole) feed(candidate, count)
    else drop(candidate)
  }

  function line(candidate: Candidate, instead: readonly PeerId[]): void {
    for (const peer of instead) if (named.size < MAX_NAMED) named.add(peer)
    if (candidate.isWhole) busy.add(candidate.peer)
    if (candidate.state === 'asked') candidate.state = 'in line'
    if (candidate.state === 'in line' && isFed()) drop(candidate)
    else fill()
  }

  function requireSame(offer: Offer): Offer {
    const { size, root } = offer
    if (size === claim.size && (root === claim.root || isSingleLeaf(digest, size))) return offer
    throw new Error('it is getting something else')
  }

  function grow(candidate: Candidate, told: number): void {
    const available = Math.min(told, count)
    if (available <= candidate.available) return
    hasMoved = true
    feed(candidate, available)
  }

  function feed(candidate: Candidate, available: number): void {
    candidate.available = Math.max(candidate.available, available)
    if (candidate.state === 'feeding') parts.onMore()
    else if (!candidate.isWhole && isFed()) drop(candidate)
    else {
      candidate.state = 'feeding'
      hasMoved = true
      parts.onFeeder(candidate)
      for (const other of only(({ state }) => state === 'in line')) drop(other)
    }
  }

  /** It may be asked again, unless it is lost. */
  function drop(candidate: Candidate): void {
    candidates.delete(candidate.peer)
    candidate.control.abort(new Error('not needed any more'))
    if (!candidate.isWhole) lost.add(candidate.peer)
    if (candidate.state !== 'feeding') parts.onMore()
    else {
      parts.onEnd(candidate.peer)
      fill()
    }
  }

  function look(): void {
    const hasSpare = () => [...providers.keys()].some(isSpare)
    if (hasSpare()) fill()
    if (!hasSpare()) return
    const slow = places.whoMakesWay()
    if (slow) rotate(slow)
  }

  /** It makes way for a holder that was not asked yet, and comes after all others. */
  function rotate(candidate: Candidate): void {
    const { peer } = candidate
    const provider = providers.get(peer)!
    providers.delete(peer)
    drop(candidate)
    fill()
    providers.set(peer, provider)
  }

  /** Turns are a courtesy: where they bring nothing, holders are taken from without one. */
  function hurry(): void {
    const isStuck = !hasMoved && parts.isIdle()
    hasMoved = false
    if (!isStuck) return
    for (const candidate of only(({ isWhole }) => !isWhole)) drop(candidate)
    for (const candidate of only(({ isWhole }) => isWhole)) feed(candidate, count)
    fill()
  }

  return {
    add(provider) {
      providers.set(provider.peer, provider)
      fill()
    },
    lose(peer) {
      lost.add(peer)
      candidates.get(peer)?.control.abort(new Error('it failed'))
      candidates.delete(peer)
      fill()
    },
    get expected() {
      return working().length
    },
    get isHopeful() {
      return candidates.size > 0
    },
    close() {
      for (const timer of timers) clearInterval(timer)
      for (const { control } of candidates.values()) control.abort(new Error('the transfer is over'))
      candidates.clear()
      providers.clear()
      named.clear()
    },
  }
}
