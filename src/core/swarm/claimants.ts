/**
 * The holders of one digest, in groups of those that claim the same leaves. Which claim is true shows only when all of
 * its leaves are here.
 */
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { createBell } from './bell.ts'
import { type Claim, claimOf, isSame, Lie } from './claims.ts'
import type { Finder, FindOptions, Holder } from './holders.ts'
import type { Network, PeerId } from './ports.ts'
import type { Standing } from './standing.ts'

export interface Claimants {
  /** Looks for holders; resolves when the search is over. Never rejects. */
  search(options: FindOptions): Promise<void>
  /** A claim that somebody stands by, as soon as there is one; `undefined` where searching has not found any. */
  next(): Promise<Claim | undefined>
  /** Those that stand by a claim, now and later. Gives the function that ends it. */
  follow(claim: Claim, onHolder: (holder: Holder) => void): () => void
  /** All that stand by it lied. */
  refuse(claim: Claim): void
}

export interface ClaimantsParts {
  readonly network: Network
  readonly finder: Finder
  readonly standing: Standing
  readonly log: Log
  /** Milliseconds for an answer. */
  readonly limit: number
  /** What is known without asking. */
  recorded(): Promise<Claim | undefined>
}

/** A holder that still hashes the leaves has this many times as long. */
const HASHING = 3

interface Group {
  readonly claim: Claim
  /** Each with the latest that it offered. */
  readonly holders: Map<PeerId, Holder>
}

export function createClaimants(digest: Digest, parts: ClaimantsParts): Claimants {
  const { network, finder, standing, log } = parts
  const groups: Group[] = []
  const refused: Claim[] = []
  const followers = new Set<(claim: Claim, holder: Holder) => void>()
  const bell = createBell()
  let searches = 0

  const isUsable = ({ claim, holders }: Group) =>
    !refused.some((other) => isSame(other, claim)) &&
    [...holders.keys()].some((peer) => !standing.asideOf(peer))

  function begin(claim: Claim): Group {
    const group = { claim, holders: new Map() }
    groups.push(group)
    return group
  }

  function add(claim: Claim, holder: Holder): void {
    if (refused.some((other) => isSame(other, claim))) {
      standing.putAside(holder.peer, 'lied', 'claims what was found false')
      return
    }
    const group = groups.find((group) => isSame(group.claim, claim)) ?? begin(claim)
    group.holders.set(holder.peer, holder)
    for (const follower of followers) follower(claim, holder)
    bell.ring()
  }

  async function consider(holder: Holder, ending: AbortSignal | undefined): Promise<void> {
    try {
      const timeout = AbortSignal.timeout(holder.offer.root ? parts.limit : HASHING * parts.limit)
      const signal = ending ? AbortSignal.any([timeout, ending]) : timeout
      const recorded = await parts.recorded()
      const known = [...groups.map(({ claim }) => claim), ...(recorded ? [recorded] : [])]
      add(await claimOf(network, digest, holder, { signal, known }), holder)
    } catch (error) {
      if (ending?.aborted) return
      log.debug('peer does not say what it has', { peer: holder.peer, digest, err: error })
      standing.putAside(holder.peer, error instanceof Lie ? 'lied' : 'failed', String(error))
    }
  }

  return {
    async search(options) {
      searches++
      const considered: Promise<void>[] = []
      for await (const holder of finder.find(digest, options))
        considered.push(consider(holder, options.signal))
      await Promise.all(considered)
      searches--
      bell.ring()
    },

    async next() {
      for (;;) {
        const found = groups.find(isUsable)
        if (found || searches === 0) return found?.claim
        await bell.wait()
      }
    },

    follow(claim, onHolder) {
      const follower = (other: Claim, holder: Holder) => {
        if (isSame(other, claim) && !standing.asideOf(holder.peer)) onHolder(holder)
      }
      for (const group of groups) for (const holder of group.holders.values()) follower(group.claim, holder)
      followers.add(follower)
      return () => followers.delete(follower)
    },

    refuse(claim) {
      refused.push(claim)
      const group = groups.find((group) => isSame(group.claim, claim))
      for (const peer of group?.holders.keys() ?? []) standing.putAside(peer, 'lied', 'claimed false leaves')
    },
  }
}
