/**
 * The providers of one digest, grouped by what they claim the blob to be. Which claim is true shows only when all of its
 * leaves have arrived, so neither the number of peers in a group nor which of them came first counts.
 */
import { createNotifier } from '../../async/notifier.ts'
import { isSingleLeaf } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ContentRouting, FindOptions, Provider } from '../lookup/providers.ts'
import type { PeerId } from '../ports.ts'
import type { Offer } from '../protocol/messages.ts'
import type { Admission } from './admission.ts'
import {
  type Claim,
  createLeafListFetcher,
  type FetchLeafList,
  InvalidClaimError,
  type LeafListDeps,
  MAX_BLOB_BYTES,
  ownClaim,
} from './claim.ts'

/** A claim before its leaves are known, and the peers that make it. */
export interface ClaimGroup {
  /** Of the blob, in bytes. */
  readonly size: number
  /** `undefined` if none is needed, or while its only provider hashes the leaves. */
  readonly root: string | undefined
  /** Each with its latest offer. */
  readonly providers: Map<PeerId, Provider>
}

export interface ClaimGroupsDeps extends Pick<Admission, 'admits' | 'recorded'>, LeafListDeps {
  readonly routing: ContentRouting
}

/** Milliseconds after the first claim in which nearby peers may make others. */
const NEARBY_MS = 250

type Follower = (group: ClaimGroup, provider: Provider) => void

export class ClaimGroups {
  readonly #digest: Digest
  readonly #deps: ClaimGroupsDeps
  readonly #fetchLeafList: FetchLeafList
  readonly #groups = new Map<string, ClaimGroup>()
  readonly #rejected = new Set<string>()
  readonly #followers = new Set<Follower>()
  readonly #changes = createNotifier()
  #searches = 0
  #isNearbyHeard = false
  #firstClaimAt: number | undefined

  constructor(digest: Digest, deps: ClaimGroupsDeps) {
    this.#digest = digest
    this.#deps = deps
    this.#fetchLeafList = createLeafListFetcher(digest, deps)
  }

  get isSearching(): boolean {
    return this.#searches > 0
  }

  /** Nearby peers have made their claims, or have had the time to. */
  get hasHeardNearby(): boolean {
    const since = this.#firstClaimAt
    return this.#isNearbyHeard || (since !== undefined && performance.now() - since > NEARBY_MS)
  }

  /** Looks for providers. Resolves when the search is over. Never rejects. */
  async search(options: FindOptions): Promise<void> {
    this.#searches++
    const considered: Promise<void>[] = []
    let nearby: number | undefined
    let count = 0
    const checkNearby = (): void => {
      if (nearby === undefined || count < nearby || this.#isNearbyHeard) return
      this.#isNearbyHeard = true
      this.notify()
    }
    const onConnectedAsked = (found: number): void => {
      nearby = found
      checkNearby()
    }
    const found = this.#deps.routing.findProviders(this.#digest, { ...options, onConnectedAsked })
    for await (const provider of found) {
      const consider = this.#consider(provider).finally(() => {
        count++
        checkNearby()
      })
      considered.push(consider)
    }
    await Promise.allSettled(considered)
    this.#searches--
    this.notify()
  }

  /** Groups with a peer that isn't blocked, in the order in which they were found. */
  usable(): ClaimGroup[] {
    const { backoff } = this.#deps
    return [...this.#groups.values()].filter(({ providers }) =>
      [...providers.keys()].some((peer) => !backoff.blockOf(peer)),
    )
  }

  /**
   * The leaves of a group, from the first of its providers that names them. `undefined` if none does, or if they turn out
   * to be those of another group, which then has these providers.
   */
  async claimOf(group: ClaimGroup, signal: AbortSignal): Promise<Claim | undefined> {
    const { size, root } = group
    if (isSingleLeaf(this.#digest, size)) return ownClaim(this.#digest, size)
    const recorded = await this.#deps.recorded()
    if (recorded?.size === size && recorded.root === root) return recorded
    const list = await this.#fetchLeafList(group.providers, signal)
    if (!list) return undefined
    prefer(group, list.peer)
    if (recorded && contradicts(list.claim, recorded))
      throw new InvalidClaimError('the leaves are not those that are known of this digest')
    return this.#hasMoved(group, list.claim) ? undefined : list.claim
  }

  /** Calls back for each provider of a group, now and later. Gives the function that ends it. */
  follow(group: ClaimGroup, onProvider: (provider: Provider) => void): () => void {
    const follower: Follower = (other, provider) => {
      if (other === group && !this.#deps.backoff.blockOf(provider.peer)) onProvider(provider)
    }
    for (const provider of group.providers.values()) follower(group, provider)
    this.#followers.add(follower)
    return () => this.#followers.delete(follower)
  }

  /** The claim is false: all that made it are blamed, and those that will. */
  reject(group: ClaimGroup): void {
    this.#rejected.add(this.#keyOf(group.size, group.root))
    for (const peer of group.providers.keys())
      this.#deps.backoff.penalize(peer, 'lied', 'claimed leaves that are false')
  }

  notify(): void {
    this.#changes.notify()
  }

  /** Resolves at the next change, or after so many milliseconds. */
  wait(limit?: number): Promise<void> {
    return this.#changes.wait(limit)
  }

  #keyOf(size: number, root: string | undefined): string {
    return isSingleLeaf(this.#digest, size) ? `${size}` : `${size} ${root}`
  }

  async #consider(provider: Provider): Promise<void> {
    const { backoff, log } = this.#deps
    const { peer, offer } = provider
    const recorded = await this.#deps.recorded()
    if (offer.size > MAX_BLOB_BYTES) backoff.penalize(peer, 'lied', 'claims more bytes than any blob has')
    else if (recorded && contradicts(offer, recorded))
      backoff.penalize(peer, 'lied', 'claims what is known to be false')
    else if (await this.#deps.admits(offer.size)) this.#add(provider)
    else log.debug('peer offers a blob of another size', { peer, digest: this.#digest, size: offer.size })
  }

  #add(provider: Provider): void {
    const { peer, offer } = provider
    const root = isSingleLeaf(this.#digest, offer.size) ? undefined : offer.root
    const key = this.#keyOf(offer.size, root ?? `of ${peer}`)
    if (this.#rejected.has(key)) {
      this.#deps.backoff.penalize(peer, 'lied', 'claims what was found to be false')
      return
    }
    const group = this.#groups.get(key) ?? { size: offer.size, root, providers: new Map() }
    this.#groups.set(key, group)
    this.#join(group, provider)
  }

  #join(group: ClaimGroup, provider: Provider): void {
    group.providers.set(provider.peer, provider)
    this.#firstClaimAt ??= performance.now()
    for (const follower of this.#followers) follower(group, provider)
    this.notify()
  }

  /** Now that the root is known, its providers belong to another group if theirs has been without one. */
  #hasMoved(group: ClaimGroup, { root }: Claim): boolean {
    if (group.root !== undefined || isSingleLeaf(this.#digest, group.size)) return false
    const providers = [...group.providers.values()]
    group.providers.clear()
    const { size } = group
    for (const { peer, offer } of providers) this.#add({ peer, offer: { ...offer, size, root } })
    return true
  }
}

/** The peer that was first to name the leaves comes first from now on. */
function prefer({ providers }: ClaimGroup, peer: PeerId): void {
  const first = providers.get(peer)
  const others = [...providers.values()].filter((provider) => provider !== first)
  providers.clear()
  for (const provider of first ? [first, ...others] : others) providers.set(provider.peer, provider)
}

/** An offer without a root may have the same. */
const contradicts = (offer: Pick<Offer, 'size' | 'root'>, { size, root }: Claim): boolean =>
  offer.size !== size || (offer.root !== undefined && offer.root !== root)
