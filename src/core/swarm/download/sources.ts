/**
 * The peers that give us a blob. Each provider is asked for a slot. Where many want the same blob at once, a provider has us
 * wait and names alternatives: peers that are getting the blob from it, and give what they have of it so far. So an image
 * reaches a whole cluster, and each peer sends it to a few others.
 */
import type { Notifier } from '../../async/notifier.ts'
import { isSingleLeaf, leafCount } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { Provider } from '../lookup/providers.ts'
import type { Network, PeerId } from '../ports.ts'
import type { Offer } from '../protocol/messages.ts'
import type { Claim } from './claim.ts'
import { type HedgedFetches, LOST_RACE } from './hedged-fetches.ts'
import { KnownPeers } from './known-peers.ts'
import { requestSlot } from './request-slot.ts'
import { hasRoom, pickToReplace, Source } from './source.ts'
import { Throughput } from './throughput.ts'

export interface SourcesDeps {
  readonly network: Network
  readonly digest: Digest
  readonly claim: Claim
  readonly backoff: PeerBackoff
  /** Milliseconds without a byte after which a peer has failed. */
  readonly stall: number
}

/** Peers that are asked for a slot at once. */
const MAX_SLOT_REQUESTS = 16

/** Milliseconds between two checks for a slow source. */
const CHECK_MS = 100

/** A smaller blob is sent in less time than it takes to be given a slot. */
const MIN_SLOT_BYTES = 256 * 1024

export class Sources {
  readonly #deps: SourcesDeps
  readonly #fetches: HedgedFetches
  readonly #changes: Notifier
  readonly #leafCount: number
  readonly #sources = new Map<PeerId, Source>()
  readonly #peers: KnownPeers
  readonly #throughputs = new Map<PeerId, Throughput>()
  readonly #timers: readonly ReturnType<typeof setInterval>[]
  #hasMoved = false

  /** @param changes - notified when other leaves can be fetched than before */
  constructor(deps: SourcesDeps, fetches: HedgedFetches, changes: Notifier) {
    this.#deps = deps
    this.#fetches = fetches
    this.#changes = changes
    this.#leafCount = leafCount(deps.claim.size)
    this.#peers = new KnownPeers(deps.network.self, deps.backoff)
    this.#timers = [
      setInterval(() => this.#fetchWithoutSlots(), deps.stall / 2),
      setInterval(() => this.#replaceSlow(), CHECK_MS),
    ]
  }

  /** Nobody gives anything, or is asked for a slot. */
  get isEmpty(): boolean {
    return this.#sources.size === 0
  }

  /** Those from which leaves can be fetched now. */
  get giving(): readonly Source[] {
    return this.#filter(({ state }) => state === 'giving')
  }

  /** How many share the work, with those that may soon. */
  get expected(): number {
    return Math.max(this.giving.length, this.#complete.length)
  }

  add(provider: Provider): void {
    this.#peers.addProvider(provider)
    this.#fill()
  }

  /** Its peer isn't asked again. */
  exclude(source: Source, reason: unknown): void {
    if (source.state === 'ended') return
    this.#peers.exclude(source.peer)
    this.#end(source, reason)
    this.#fill()
    this.#changes.notify()
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const source of this.#sources.values()) this.#end(source, LOST_RACE)
    this.#peers.clear()
  }

  #filter(test: (source: Source) => boolean): readonly Source[] {
    return [...this.#sources.values()].filter(test)
  }

  get #complete(): readonly Source[] {
    return this.#filter(({ isComplete, state }) => isComplete && state !== 'queued')
  }

  get #isAnyGiving(): boolean {
    return this.giving.length > 0
  }

  #isFree(peer: PeerId): boolean {
    return !this.#sources.has(peer) && this.#peers.mayBeAsked(peer)
  }

  #isSpare(peer: PeerId): boolean {
    return this.#isFree(peer) && !(this.#isAnyGiving && this.#peers.isBusy(peer))
  }

  /** Asks as many providers as work side by side, and alternatives while nobody gives anything. */
  #fill(): void {
    for (const provider of this.#peers.providers) {
      const isRoom = hasRoom(this.#complete, this.#fetches.isMute)
      if (isRoom && this.#isSpare(provider.peer)) this.#begin(provider, true)
    }
    for (const peer of this.#peers.alternatives) {
      if (this.#isAnyGiving || this.#sources.size >= MAX_SLOT_REQUESTS) return
      if (this.#isFree(peer)) this.#begin({ peer, offer: { size: this.#deps.claim.size } }, false)
    }
  }

  #begin(provider: Provider, isComplete: boolean): void {
    const throughput = this.#throughputs.get(provider.peer) ?? new Throughput()
    this.#throughputs.set(provider.peer, throughput)
    throughput.beginSlice()
    const source = new Source(provider, isComplete, throughput)
    this.#sources.set(source.peer, source)
    if (this.#deps.claim.size < MIN_SLOT_BYTES) this.#give(source, this.#leafCount)
    else void this.#holdSlot(source)
  }

  /** Leaves are fetched without a slot from a provider that doesn't know of slots. Never rejects. */
  async #holdSlot(source: Source): Promise<void> {
    const { network, digest } = this.#deps
    const { signal } = source.control
    try {
      const { offer, instead, counts } = await requestSlot(network, source.peer, digest, signal)
      if (!source.isComplete) source.offer = this.#requireSame(offer)
      if (instead.length > 0) this.#queue(source, instead)
      else this.#give(source, 0)
      for await (const available of counts) this.#grow(source, available)
    } catch {
      // This stream only carries news. A fetch will show whether the peer itself has failed.
    }
    if (signal.aborted) return
    if (source.isComplete) this.#give(source, this.#leafCount)
    else this.#drop(source)
  }

  #requireSame(offer: Offer): Offer {
    const { digest, claim } = this.#deps
    const { size, root } = offer
    if (size === claim.size && (root === claim.root || isSingleLeaf(digest, size))) return offer
    throw new Error('the peer is getting other bytes for this digest')
  }

  #queue(source: Source, alternatives: readonly PeerId[]): void {
    if (source.state === 'ended') return
    this.#peers.addAlternatives(alternatives)
    if (source.isComplete) this.#peers.setBusy(source.peer)
    if (source.state === 'requested') source.state = 'queued'
    if (source.state === 'queued' && this.#isAnyGiving) this.#drop(source)
    else this.#fill()
  }

  #grow(source: Source, count: number): void {
    const available = Math.min(count, this.#leafCount)
    if (available <= source.available) return
    this.#hasMoved = true
    this.#give(source, available)
  }

  #give(source: Source, available: number): void {
    if (source.state === 'ended') return
    source.available = Math.max(source.available, available)
    if (source.state === 'giving') this.#changes.notify()
    else if (!source.isComplete && this.#isAnyGiving) this.#drop(source)
    else this.#start(source)
  }

  #start(source: Source): void {
    source.state = 'giving'
    this.#hasMoved = true
    for (const other of this.#filter(({ state }) => state === 'queued')) this.#drop(other)
    this.#changes.notify()
  }

  /** Its peer may be asked again if it has all of the blob. */
  #drop(source: Source): void {
    const wasGiving = source.state === 'giving'
    if (!source.isComplete) this.#peers.exclude(source.peer)
    this.#end(source, LOST_RACE)
    if (wasGiving) this.#fill()
    this.#changes.notify()
  }

  #end(source: Source, reason: unknown): void {
    source.state = 'ended'
    this.#sources.delete(source.peer)
    source.control.abort(new Error('the slot is not needed any more'))
    this.#fetches.abort(reason, source)
  }

  #replaceSlow(): void {
    const hasSpare = () => [...this.#peers.providers].some(({ peer }) => this.#isSpare(peer))
    if (hasSpare()) this.#fill()
    if (!hasSpare()) return
    const slow = pickToReplace(this.#complete, this.#fetches.isMute)
    if (slow) this.#replace(slow)
  }

  /** It makes way for a provider that wasn't asked yet, and comes after all others. */
  #replace(source: Source): void {
    const provider = this.#peers.removeProvider(source.peer)
    this.#drop(source)
    this.#fill()
    this.#peers.addProvider(provider)
  }

  /** Slots are a courtesy between peers: where waiting for them brings nothing, leaves are fetched without one. */
  #fetchWithoutSlots(): void {
    const isStuck = !this.#hasMoved && this.#fetches.isEmpty
    this.#hasMoved = false
    if (!isStuck) return
    for (const source of this.#filter(({ isComplete }) => !isComplete)) this.#drop(source)
    for (const source of this.#filter(({ isComplete }) => isComplete)) this.#give(source, this.#leafCount)
    this.#fill()
  }
}
