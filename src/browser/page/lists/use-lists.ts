/** Long lists of several places, each page by page to its end; read again whenever the registry changed. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { changes } from '../changes-state.ts'
import type { Page } from '../requests/request.ts'

export interface List<T> {
  /** As far as they have come. */
  readonly entries: readonly T[]
  readonly isComplete: boolean
  readonly failure?: unknown
}

/** Reads the page at a path; the first one where there is none. */
export type ReadPage<T> = (
  place: string,
  path: string | undefined,
  waiting: { readonly signal: AbortSignal },
) => Promise<Page<T>>

/** Entries of one place: more than anybody reads, and an end for what a peer makes up. */
const MOST = 20_000

/** Entries that are read in a moment. */
const SHORT = 250

/**
 * The lists of these places, by place; none of what has not answered yet. A list that is complete is shown until the new
 * one is.
 *
 * @param pace - milliseconds after which they are read anew, while somebody looks; longer for long lists
 */
export function useLists<T>(
  places: readonly string[],
  read: ReadPage<T>,
  pace?: number,
): ReadonlyMap<string, List<T>> {
  const [lists, setLists] = useState<ReadonlyMap<string, List<T>>>(new Map())
  const reading = useRef(0)
  const longest = Math.max(0, ...[...lists.values()].map(({ entries }) => entries.length))
  const round = useRounds(pace && pace * Math.ceil(1 + longest / SHORT), reading)
  const key = places.join(' ')
  const revision = changes.value
  // Before the paint, after which effects run: the answer is on its way meanwhile.
  useLayoutEffect(() => {
    const aborting = new AbortController()
    const { signal } = aborting
    for (const place of places) {
      const tell = (next: (old: List<T> | undefined) => List<T>) =>
        signal.aborted || setLists((old) => new Map(old).set(place, next(old.get(place))))
      reading.current++
      readAll((path) => read(place, path, { signal }), tell).finally(() => reading.current--)
    }
    return () => aborting.abort()
  }, [key, revision, round])
  return useMemo(() => new Map([...lists].filter(([place]) => places.includes(place))), [lists, key])
}

/** A count that goes up every so often, but not while a reading is under way. */
function useRounds(pace: number | undefined, reading: { readonly current: number }): number {
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (pace === undefined) return undefined
    const timer = setInterval(() => {
      if (!document.hidden && reading.current === 0) setRound((round) => round + 1)
    }, pace)
    return () => clearInterval(timer)
  }, [pace])
  return round
}

async function readAll<T>(
  read: (path: string | undefined) => Promise<Page<T>>,
  tell: (next: (old: List<T> | undefined) => List<T>) => void,
): Promise<void> {
  let entries: readonly T[] = []
  const seen = new Set<string>()
  try {
    for (let path: string | undefined; ; ) {
      const page = await read(path)
      entries = [...entries, ...page.entries]
      path = page.next
      const isComplete = path === undefined || seen.has(path) || entries.length >= MOST
      const list = { entries, isComplete }
      tell((old) => (isComplete || !old?.isComplete ? list : old))
      if (isComplete) return
      seen.add(path!)
    }
  } catch (failure) {
    tell((old) => ({ entries: old?.entries ?? entries, isComplete: true, failure }))
  }
}
