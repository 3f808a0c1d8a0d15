/**
 * The list of leaves behind a claim, from whichever of those that stand by it gives it first. Apart from who claims what:
 * here holders that agree are asked side by side, so that those that take their time cost none.
 */
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { askLeaves, type Claim, Lie } from './claims.ts'
import type { Holder } from './holders.ts'
import { pause } from './pause.ts'
import type { Network, PeerId } from './ports.ts'
import type { Standing } from './standing.ts'

export interface ListOfLeavesParts {
  readonly network: Network
  readonly standing: Standing
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
export type ListOfLeaves = (
  holders: ReadonlyMap<PeerId, Holder>,
  signal: AbortSignal,
) => Promise<Told | undefined>

/** A holder that still hashes the leaves has this many times as long. */
const HASHING = 3

/** Milliseconds that holders are waited for before others are asked for the same list: twice as many, up to so many. */
const STAGGER = 100
const MOST_AT_ONCE = 4

/** Milliseconds from one look for new holders to the next, when all have been asked. */
const LOOK = 250

export function createListOfLeaves(digest: Digest, parts: ListOfLeavesParts): ListOfLeaves {
  const { network, standing, log } = parts

  /** Never rejects. */
  async function ask(holder: Holder, over: AbortSignal): Promise<Told | undefined> {
    try {
      const timeout = AbortSignal.timeout(holder.offer.root ? parts.limit : HASHING * parts.limit)
      const claim = await askLeaves(network, digest, holder, AbortSignal.any([timeout, over]))
      return { claim, peer: holder.peer }
    } catch (error) {
      if (over.aborted) return undefined
      log.debug('peer does not say what it has', { peer: holder.peer, digest, err: error })
      standing.putAside(holder.peer, error instanceof Lie ? 'lied' : 'failed', String(error))
      return undefined
    }
  }

  return async (holders, signal) => {
    const found = new AbortController()
    const over = AbortSignal.any([signal, found.signal])
    const asked = new Map<PeerId, Promise<Told | undefined>>()
    const isNext = ({ peer }: Holder) => !asked.has(peer) && !standing.asideOf(peer)
    try {
      for (let width = 1; ; width = Math.min(MOST_AT_ONCE, 2 * width)) {
        const next = [...holders.values()].filter(isNext).slice(0, width)
        for (const holder of next) asked.set(holder.peer, ask(holder, over))
        const first = firstOf([...asked.values()]).then((told) => ({ told }))
        const outcome = await Promise.race([first, pause(next.length > 0 ? STAGGER : LOOK, over)])
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
