/**
 * How fast something comes of late, and who makes way where more want to go on than may. Whoever is slow, for whatever
 * reason, costs those that wait one turn; and as each turn is twice as long as the one before, somebody who is merely far
 * away gets there, too.
 */

export interface Pace {
  /** Bytes a second, of late. */
  readonly rate: number
  /** Its turn has lasted as long as it may while others wait. */
  readonly isOver: boolean
  /** Milliseconds (of `performance.now`) at which its last turn began; 0 before the first. */
  readonly since: number
  begin(): void
  note(bytes: number): void
}

/** Milliseconds: of a turn, where nothing else is said; and over which a rate is measured. */
export const TURN = 500
const MEASURED = 250

/** The longest turn, as a multiple of the first. */
const LONGEST = 64

/** Bytes a second. Whoever is faster than that is not called slow, however fast others are that nobody waits for. */
const LEAST = 256 * 1024

/** @param first - milliseconds of the first turn */
export function createPace(first = TURN): Pace {
  let turns = 0
  let since = 0
  let rate = 0
  let mark = 0
  let noted = 0

  /** Older bytes count for less. */
  function measure(): void {
    const elapsed = performance.now() - mark
    if (elapsed < MEASURED) return
    const weight = 0.5 ** (elapsed / MEASURED)
    rate = weight * rate + (1 - weight) * ((1000 * noted) / elapsed)
    mark += elapsed
    noted = 0
  }

  return {
    get rate() {
      measure()
      return Math.max(rate, (1000 * noted) / MEASURED)
    },
    get isOver() {
      return performance.now() - since >= first * Math.min(LONGEST, 2 ** (turns - 1))
    },
    get since() {
      return since
    },
    begin() {
      turns++
      since = mark = performance.now()
      noted = 0
    },
    note(bytes) {
      measure()
      noted += bytes
    },
  }
}

interface Paced {
  readonly pace: Pace
}

/** Whether it is much slower than the other. */
export const isOutpaced = (pace: Pace, by: Pace): boolean => pace.rate < by.rate / 4

/**
 * Who of these makes way for somebody who waits: the slowest whose turn is over. The fastest never does, unless all crawl.
 *
 * @param options.isFair - also one that keeps pace makes way
 */
export function whoMakesWay<T extends Paced>(
  running: Iterable<T>,
  { isFair = false }: { readonly isFair?: boolean } = {},
): T | undefined {
  const sorted = [...running].sort((one, other) => one.pace.rate - other.pace.rate)
  const best = sorted.at(-1)
  return sorted.find(({ pace }) => {
    if (!pace.isOver) return false
    if (pace.rate < LEAST) return true
    return pace !== best!.pace && (isFair || isOutpaced(pace, best!.pace))
  })
}
