/**
 * The holders of one digest, in groups of those that claim the same of it. Which claim is true shows only when all of its
 * leaves are here, so nothing follows from how many stand by one, nor from who came first.
 */

import { createNotifier } from '../../async/notifier.ts'
import { isSingleLeaf } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ContentRouting, FindOptions, Provider } from '../lookup/providers.ts'
import type { PeerId } from '../ports.ts'
import type { Offer } from '../protocol/messages.ts'
import type { Admission } from './admission.ts'
import { type Claim, InvalidClaimError, MAX_BLOB_BYTES, ownClaim } from './claim.ts'
import { createLeafList, type LeafListDeps } from './leaf-list.ts'

/** A claim before its leaves are known, and those that stand by it. */
export interface Candidate {
  /** Of the blob, in bytes. */
  readonly size: number
  /** `undefined` where none is needed, and where its only holder still hashes the leaves. */
  readonly root: string | undefined
  /** Each with the latest that it offered. */
  readonly providers: Map<PeerId, Provider>
}

export interface ClaimGroups {
  /** Looks for holders; resolves when the search is over. Never rejects. */
  search(options: FindOptions): Promise<void>
  readonly isSearching: boolean
  /** Whoever is near has had the time to say what it claims. */
  readonly isSettled: boolean
  /** Those that somebody stands by who is not aside, in the order in which they came. */
  usable(): Candidate[]
  /**
   * Its leaves, from whichever of its holders names them first. `undefined` where none does, or where they turn out to be
   * those of another candidate, which has these holders from then on.
   */
  claimOf(candidate: Candidate, signal: AbortSignal): Promise<Claim | undefined>
  /** Those that stand by it, now and later. Gives the function that ends it. */
  follow(candidate: Candidate, onHolder: (provider: Provider) => void): () => void
  /** All that stand by it lied. */
  refuse(candidate: Candidate): void
  ring(): void
  /** Resolves at the next change, or after so many milliseconds. */
  wait(limit?: number): Promise<void>
}

export interface ClaimGroupsDeps extends Pick<Admission, 'admits' | 'recorded'>, LeafListDeps {
  readonly routing: ContentRouting
}

/** Milliseconds from the first claim on in which others may come. */
const SETTLING = 250

export function createClaimGroups(digest: Digest, parts: ClaimGroupsDeps): ClaimGroups {
  const { routing, backoff, log } = parts
  const listOfLeaves = createLeafList(digest, parts)
  const candidates = new Map<string, Candidate>()
  const refused = new Set<string>()
  const followers = new Set<(candidate: Candidate, provider: Provider) => void>()
  const notifier = createNotifier()
  let searches = 0
  let isNearAsked = false
  let foundAt: number | undefined

  const keyOf = (size: number, root: string | undefined) =>
    isSingleLeaf(digest, size) ? `${size}` : `${size} ${root}`

  const isUsable = ({ providers }: Candidate) => [...providers.keys()].some((peer) => !backoff.blockOf(peer))

  async function consider(provider: Provider): Promise<void> {
    const { peer, offer } = provider
    const known = await parts.recorded()
    if (offer.size > MAX_BLOB_BYTES) backoff.penalize(peer, 'lied', 'claims more than any blob has')
    else if (known && isOther(offer, known))
      backoff.penalize(peer, 'lied', 'claims what is known to be false')
    else if (await parts.admits(offer.size)) add(provider)
    else log.debug('peer offers a blob of another size', { peer, digest, size: offer.size })
  }

  function add(provider: Provider): void {
    const { peer, offer } = provider
    const root = isSingleLeaf(digest, offer.size) ? undefined : offer.root
    const key = keyOf(offer.size, root ?? `of ${peer}`)
    if (refused.has(key)) backoff.penalize(peer, 'lied', 'claims what was found false')
    if (refused.has(key)) return
    const candidate = candidates.get(key) ?? { size: offer.size, root, providers: new Map() }
    candidates.set(key, candidate)
    join(candidate, provider)
  }

  function join(candidate: Candidate, provider: Provider): void {
    candidate.providers.set(provider.peer, provider)
    foundAt ??= performance.now()
    for (const follower of followers) follower(candidate, provider)
    notifier.notify()
  }

  /** Its root has become known. `true` where another candidate has it already. */
  function isMerged(candidate: Candidate, { root }: Claim): boolean {
    if (candidate.root !== undefined || isSingleLeaf(digest, candidate.size)) return false
    const providers = [...candidate.providers.values()]
    candidate.providers.clear()
    const { size } = candidate
    for (const { peer, offer } of providers) add({ peer, offer: { ...offer, size, root } })
    return true
  }

  return {
    get isSearching() {
      return searches > 0
    },
    get isSettled() {
      return isNearAsked || (foundAt !== undefined && performance.now() - foundAt > SETTLING)
    },

    async search(options) {
      searches++
      const considered: Promise<void>[] = []
      let near: number | undefined
      let count = 0
      const settle = () => {
        if (near === undefined || count < near || isNearAsked) return
        isNearAsked = true
        notifier.notify()
      }
      const onNearAsked = (found: number) => {
        near = found
        settle()
      }
      for await (const provider of routing.findProviders(digest, { ...options, onNearAsked })) {
        considered.push(
          consider(provider).finally(() => {
            count++
            settle()
          }),
        )
      }
      await Promise.allSettled(considered)
      searches--
      notifier.notify()
    },

    usable: () => [...candidates.values()].filter(isUsable),

    async claimOf(candidate, signal) {
      const { size, root } = candidate
      if (isSingleLeaf(digest, size)) return ownClaim(digest, size)
      const recorded = await parts.recorded()
      if (recorded?.size === size && recorded.root === root) return recorded
      const told = await listOfLeaves(candidate.providers, signal)
      if (told) prefer(candidate, told.peer)
      const claim = told?.claim
      if (claim && recorded && isOther(claim, recorded))
        throw new InvalidClaimError('not the leaves that are known')
      return claim && (isMerged(candidate, claim) ? undefined : claim)
    },

    follow(candidate, onHolder) {
      const follower = (other: Candidate, provider: Provider) => {
        if (other === candidate && !backoff.blockOf(provider.peer)) onHolder(provider)
      }
      for (const provider of candidate.providers.values()) follower(candidate, provider)
      followers.add(follower)
      return () => followers.delete(follower)
    },

    refuse(candidate) {
      refused.add(keyOf(candidate.size, candidate.root))
      for (const peer of candidate.providers.keys()) backoff.penalize(peer, 'lied', 'claimed false leaves')
    },

    ring: notifier.notify,
    wait: notifier.wait,
  }
}

/** Whoever has answered first comes first from now on. */
function prefer({ providers }: Candidate, peer: PeerId): void {
  const first = providers.get(peer)
  const others = [...providers.values()].filter((provider) => provider !== first)
  providers.clear()
  for (const provider of first ? [first, ...others] : others) providers.set(provider.peer, provider)
}

/** Where the root is not told, it may be the same. */
const isOther = (said: Pick<Offer, 'size' | 'root'>, { size, root }: Claim): boolean =>
  said.size !== size || (said.root !== undefined && said.root !== root)
