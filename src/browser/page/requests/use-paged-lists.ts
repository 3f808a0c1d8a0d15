/** Long lists of several sources, each read page by page to its end, and again whenever the registry has changed. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks'
import { eachPage, type Page } from './pages.ts'
import { registryRevision } from './use-query.ts'

export interface PagedList<T> {
  /** Those that have been read so far. */
  readonly entries: readonly T[]
  readonly isComplete: boolean
  readonly failure?: unknown
}

/** Reads the page at a path; the first page without a path. */
export type ReadPage<T> = (
  source: string,
  path: string | undefined,
  options: { readonly signal: AbortSignal },
) => Promise<Page<T>>

/** Per source: more than anybody reads, and a limit for lists that a peer makes up. */
const MAX_ENTRIES = 20_000

/** Lists of this length are read fast enough to be polled at the given interval. */
const SHORT_LIST_ENTRIES = 250

/**
 * The lists by their source, without those that have not responded yet. A complete list stays until its successor is
 * complete.
 *
 * @param pollMs - milliseconds after which the lists are read again while the page is visible; more for longer lists
 */
export function usePagedLists<T>(
  sources: readonly string[],
  read: ReadPage<T>,
  pollMs?: number,
): ReadonlyMap<string, PagedList<T>> {
  const [lists, setLists] = useState<ReadonlyMap<string, PagedList<T>>>(new Map())
  const reading = useRef(0)
  const longest = Math.max(0, ...[...lists.values()].map(({ entries }) => entries.length))
  const round = useRefresh(pollMs && pollMs * Math.ceil(1 + longest / SHORT_LIST_ENTRIES), reading)
  const key = sources.join(' ')
  const revision = registryRevision.value
  // A layout effect runs before the browser paints, so that the requests are sent first.
  useLayoutEffect(() => {
    const aborting = new AbortController()
    const { signal } = aborting
    for (const source of sources) {
      const update = (next: (old: PagedList<T> | undefined) => PagedList<T>) =>
        signal.aborted || setLists((old) => new Map(old).set(source, next(old.get(source))))
      reading.current++
      readAll((path) => read(source, path, { signal }), update).finally(() => reading.current--)
    }
    return () => aborting.abort()
  }, [key, revision, round])
  return useMemo(() => new Map([...lists].filter(([source]) => sources.includes(source))), [lists, key])
}

/** A counter that goes up at an interval, but not while the lists are being read. */
function useRefresh(pollMs: number | undefined, reading: { readonly current: number }): number {
  const [round, setRound] = useState(0)
  useEffect(() => {
    if (pollMs === undefined) return undefined
    const timer = setInterval(() => {
      if (!document.hidden && reading.current === 0) setRound((round) => round + 1)
    }, pollMs)
    return () => clearInterval(timer)
  }, [pollMs])
  return round
}

async function readAll<T>(
  read: (path: string | undefined) => Promise<Page<T>>,
  update: (next: (old: PagedList<T> | undefined) => PagedList<T>) => void,
): Promise<void> {
  let entries: readonly T[] = []
  try {
    for await (const page of eachPage(read)) {
      entries = [...entries, ...page.entries]
      const isComplete = page.next === undefined || entries.length >= MAX_ENTRIES
      const list = { entries, isComplete }
      update((old) => (isComplete || !old?.isComplete ? list : old))
      if (isComplete) return
    }
  } catch (failure) {
    update((old) => ({ entries: old?.entries ?? entries, isComplete: true, failure }))
  }
}
