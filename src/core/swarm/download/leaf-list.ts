/**
 * The list of leaves behind a claim, from whichever of those that stand by it gives it first. Apart from who claims what:
 * here holders that agree are asked side by side, so that those that take their time cost none.
 */

import { delay } from '../../async/delay.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { Provider } from '../lookup/providers.ts'
import type { Network, PeerId } from '../ports.ts'
import { type Claim, InvalidClaimError, requestLeaves } from './claim.ts'

export interface LeafListDeps {
  readonly network: Network
  readonly backoff: PeerBackoff
  readonly log: Log
  /** Milliseconds for an answer. */
  readonly limit: number
}

/** The list, and who gave it first. */
export interface Told {
  readonly claim: Claim
  readonly peer: PeerId
}

/** `undefined` when all have failed that stand by it, now and later, or with the signal. Never rejects. */
export type LeafList = (
  providers: ReadonlyMap<PeerId, Provider>,
  signal: AbortSignal,
) => Promise<Told | undefined>

/** A holder that still hashes the leaves has this many times as long. */
const HASHING = 3

/** Milliseconds that holders are waited for before others are asked for the same list: twice as many, up to so many. */
const STAGGER = 100
const MAX_AT_ONCE = 4

/** Milliseconds from one look for new holders to the next, when all have been asked. */
const LOOK = 250

export function createLeafList(digest: Digest, parts: LeafListDeps): LeafList {
  const { network, backoff, log } = parts

  /** Never rejects. */
  async function ask(provider: Provider, over: AbortSignal): Promise<Told | undefined> {
    try {
      const timeout = AbortSignal.timeout(provider.offer.root ? parts.limit : HASHING * parts.limit)
      const claim = await requestLeaves(network, digest, provider, AbortSignal.any([timeout, over]))
      return { claim, peer: provider.peer }
    } catch (error) {
      if (over.aborted) return undefined
      log.debug('peer does not say what it has', { peer: provider.peer, digest, err: error })
      backoff.penalize(provider.peer, error instanceof InvalidClaimError ? 'lied' : 'failed', String(error))
      return undefined
    }
  }

  return async (providers, signal) => {
    const found = new AbortController()
    const over = AbortSignal.any([signal, found.signal])
    const asked = new Map<PeerId, Promise<Told | undefined>>()
    const isNext = ({ peer }: Provider) => !asked.has(peer) && !backoff.blockOf(peer)
    try {
      for (let width = 1; ; width = Math.min(MAX_AT_ONCE, 2 * width)) {
        const next = [...providers.values()].filter(isNext).slice(0, width)
        for (const provider of next) asked.set(provider.peer, ask(provider, over))
        const first = firstOf([...asked.values()]).then((told) => ({ told }))
        const outcome = await Promise.race([first, delay(next.length > 0 ? STAGGER : LOOK, over)])
        if (outcome?.told || signal.aborted) return outcome?.told
        if (outcome && next.length === 0) return undefined
      }
    } finally {
      found.abort()
    }
  }
}

/** The first that has a result; `undefined` when all have ended without one. None of them fails. */
async function firstOf<T>(attempts: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const successes = attempts.map(async (attempt) => (await attempt) ?? Promise.reject())
  return Promise.any(successes).catch(() => undefined)
}
