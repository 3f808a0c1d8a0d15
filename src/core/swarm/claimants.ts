/**
 * The holders of one digest, in groups of those that claim the same of it. Which claim is true shows only when all of its
 * leaves are here, so nothing follows from how many stand by one, nor from who came first.
 */
import type { Digest } from '../oci/digest.ts'
import type { Admission } from './admission.ts'
import { createBell } from './bell.ts'
import { type Claim, isOwnLeaf, LARGEST, Lie, ownClaim } from './claims.ts'
import type { Finder, FindOptions, Holder } from './holders.ts'
import { createListOfLeaves, type ListOfLeavesParts } from './list-of-leaves.ts'
import type { Offer } from './messages.ts'
import type { PeerId } from './ports.ts'

/** A claim before its leaves are known, and those that stand by it. */
export interface Candidate {
  /** Of the blob, in bytes. */
  readonly size: number
  /** `undefined` where none is needed, and where its only holder still hashes the leaves. */
  readonly root: string | undefined
  /** Each with the latest that it offered. */
  readonly holders: Map<PeerId, Holder>
}

export interface Claimants {
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
  follow(candidate: Candidate, onHolder: (holder: Holder) => void): () => void
  /** All that stand by it lied. */
  refuse(candidate: Candidate): void
  ring(): void
  /** Resolves at the next change, or after so many milliseconds. */
  wait(limit?: number): Promise<void>
}

export interface ClaimantsParts extends Pick<Admission, 'admits' | 'recorded'>, ListOfLeavesParts {
  readonly finder: Finder
}

/** Milliseconds from the first claim on in which others may come. */
const SETTLING = 250

export function createClaimants(digest: Digest, parts: ClaimantsParts): Claimants {
  const { finder, standing, log } = parts
  const listOfLeaves = createListOfLeaves(digest, parts)
  const candidates = new Map<string, Candidate>()
  const refused = new Set<string>()
  const followers = new Set<(candidate: Candidate, holder: Holder) => void>()
  const bell = createBell()
  let searches = 0
  let isNearAsked = false
  let foundAt: number | undefined

  const keyOf = (size: number, root: string | undefined) =>
    isOwnLeaf(digest, size) ? `${size}` : `${size} ${root}`

  const isUsable = ({ holders }: Candidate) => [...holders.keys()].some((peer) => !standing.asideOf(peer))

  async function consider(holder: Holder): Promise<void> {
    const { peer, offer } = holder
    const known = await parts.recorded()
    if (offer.size > LARGEST) standing.putAside(peer, 'lied', 'claims more than any blob has')
    else if (known && isOther(offer, known))
      standing.putAside(peer, 'lied', 'claims what is known to be false')
    else if (await parts.admits(offer.size)) add(holder)
    else log.debug('peer offers a blob of another size', { peer, digest, size: offer.size })
  }

  function add(holder: Holder): void {
    const { peer, offer } = holder
    const root = isOwnLeaf(digest, offer.size) ? undefined : offer.root
    const key = keyOf(offer.size, root ?? `of ${peer}`)
    if (refused.has(key)) standing.putAside(peer, 'lied', 'claims what was found false')
    if (refused.has(key)) return
    const candidate = candidates.get(key) ?? { size: offer.size, root, holders: new Map() }
    candidates.set(key, candidate)
    join(candidate, holder)
  }

  function join(candidate: Candidate, holder: Holder): void {
    candidate.holders.set(holder.peer, holder)
    foundAt ??= performance.now()
    for (const follower of followers) follower(candidate, holder)
    bell.ring()
  }

  /** Its root has become known. `true` where another candidate has it already. */
  function isMerged(candidate: Candidate, { root }: Claim): boolean {
    if (candidate.root !== undefined || isOwnLeaf(digest, candidate.size)) return false
    const holders = [...candidate.holders.values()]
    candidate.holders.clear()
    const { size } = candidate
    for (const { peer, offer } of holders) add({ peer, offer: { ...offer, size, root } })
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
        bell.ring()
      }
      const onNearAsked = (found: number) => {
        near = found
        settle()
      }
      for await (const holder of finder.find(digest, { ...options, onNearAsked })) {
        considered.push(
          consider(holder).finally(() => {
            count++
            settle()
          }),
        )
      }
      await Promise.allSettled(considered)
      searches--
      bell.ring()
    },

    usable: () => [...candidates.values()].filter(isUsable),

    async claimOf(candidate, signal) {
      const { size, root } = candidate
      if (isOwnLeaf(digest, size)) return ownClaim(digest, size)
      const recorded = await parts.recorded()
      if (recorded?.size === size && recorded.root === root) return recorded
      const told = await listOfLeaves(candidate.holders, signal)
      if (told) prefer(candidate, told.peer)
      const claim = told?.claim
      if (claim && recorded && isOther(claim, recorded)) throw new Lie('not the leaves that are known')
      return claim && (isMerged(candidate, claim) ? undefined : claim)
    },

    follow(candidate, onHolder) {
      const follower = (other: Candidate, holder: Holder) => {
        if (other === candidate && !standing.asideOf(holder.peer)) onHolder(holder)
      }
      for (const holder of candidate.holders.values()) follower(candidate, holder)
      followers.add(follower)
      return () => followers.delete(follower)
    },

    refuse(candidate) {
      refused.add(keyOf(candidate.size, candidate.root))
      for (const peer of candidate.holders.keys()) standing.putAside(peer, 'lied', 'claimed false leaves')
    },

    ring: bell.ring,
    wait: bell.wait,
  }
}

/** Whoever has answered first comes first from now on. */
function prefer({ holders }: Candidate, peer: PeerId): void {
  const first = holders.get(peer)
  const others = [...holders.values()].filter((holder) => holder !== first)
  holders.clear()
  for (const holder of first ? [first, ...others] : others) holders.set(holder.peer, holder)
}

/** Where the root is not told, it may be the same. */
const isOther = (said: Pick<Offer, 'size' | 'root'>, { size, root }: Claim): boolean =>
  said.size !== size || (said.root !== undefined && said.root !== root)
