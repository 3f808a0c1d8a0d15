/**
 * Claims of one blob side by side, a few at a time, each in turns, so that one which is false or slow or both holds up the
 * true one for moments. Apart from the contest, which knows what a turn has brought: this knows whose turn it is.
 */
import type { Candidate } from './claim-groups.ts'
import type { Contender } from './contender.ts'
import { type Pace, whoMakesWay } from './pace.ts'

export interface LanesParts {
  readonly signal: AbortSignal
  /** `undefined` where there is no room for one more. */
  contenderOf(candidate: Candidate): Contender | undefined
  /** `undefined` before its first turn. */
  paceOf(candidate: Candidate): Pace | undefined
  /** A turn. Never rejects. */
  run(contender: Contender, signal: AbortSignal): Promise<void>
  /** Its turn is over, and the lane free. Never rejects. */
  onEnd(contender: Contender): Promise<void>
}

export interface Lanes {
  /** Those that have a turn. */
  readonly contenders: readonly Contender[]
  has(candidate: Candidate): boolean
  /** Gives turns to these: to those that had none yet first, then to those that have waited longest. */
  arrange(candidates: readonly Candidate[]): void
  /** Resolves when all turns have ended. */
  stop(): Promise<void>
}

/** Claims followed at once. */
export const LANES = 3

interface Turn {
  readonly contender: Contender
  readonly pace: Pace
  readonly control: AbortController
  readonly ended: Promise<void>
}

const STOPPED = new Error('others have a turn')

export function createLanes({ signal, contenderOf, paceOf, run, onEnd }: LanesParts): Lanes {
  const turns = new Map<Candidate, Turn>()

  function begin(candidate: Candidate): void {
    const contender = contenderOf(candidate)
    if (!contender) return
    const control = new AbortController()
    const ended = follow(contender, AbortSignal.any([signal, control.signal]))
    turns.set(candidate, { contender, pace: contender.pace, control, ended })
  }

  async function follow(contender: Contender, over: AbortSignal): Promise<void> {
    await run(contender, over)
    turns.delete(contender.candidate)
    await onEnd(contender)
  }

  const since = (candidate: Candidate) => paceOf(candidate)?.since ?? 0

  return {
    get contenders() {
      return [...turns.values()].map(({ contender }) => contender)
    },
    has: (candidate) => turns.has(candidate),

    arrange(candidates) {
      const waiting = candidates
        .filter((candidate) => !turns.has(candidate))
        .sort((one, other) => since(one) - since(other))
      for (const candidate of waiting.splice(0, LANES - turns.size)) begin(candidate)
      const isAnyStopped = [...turns.values()].some(({ control }) => control.signal.aborted)
      if (waiting.length > 0 && !isAnyStopped)
        whoMakesWay(turns.values(), { isFair: true })?.control.abort(STOPPED)
    },

    async stop() {
      for (const { control } of turns.values()) control.abort(STOPPED)
      await Promise.all([...turns.values()].map(({ ended }) => ended))
    },
  }
}
