/** A long list as far as it has been paged through; read again whenever the registry changed. */
import { useEffect, useState } from 'preact/hooks'
import { changes } from './changes-state.ts'
import type { Page } from './requests/request.ts'

export interface Pages<T> {
  /** `undefined` before the first page has come. */
  readonly entries: readonly T[] | undefined
  readonly isComplete: boolean
  readonly failure: unknown
  more(): void
  /** Reads to the end. */
  all(): void
}

/** @param read - reads the page at a path; the first one where there is none */
export function usePages<T>(
  read: (path: string | undefined, waiting: { signal: AbortSignal }) => Promise<Page<T>>,
): Pages<T> {
  const [pages, setPages] = useState<readonly Page<T>[]>([])
  const [wanted, setWanted] = useState(1)
  const [failure, setFailure] = useState<unknown>()
  const revision = changes.value
  useEffect(() => {
    const aborting = new AbortController()
    const { signal } = aborting
    readPages(read, wanted, signal).then(
      (pages) => {
        if (signal.aborted) return
        setPages(pages)
        setFailure(undefined)
      },
      (failure) => signal.aborted || setFailure(failure),
    )
    return () => aborting.abort()
  }, [wanted, revision])
  return {
    entries: pages.length > 0 ? pages.flatMap(({ entries }) => entries) : undefined,
    isComplete: pages.at(-1)?.next === undefined,
    failure,
    more: () => setWanted(pages.length + 1),
    all: () => setWanted(Number.POSITIVE_INFINITY),
  }
}

async function readPages<T>(
  read: Parameters<typeof usePages<T>>[0],
  count: number,
  signal: AbortSignal,
): Promise<Page<T>[]> {
  const pages = [await read(undefined, { signal })]
  for (let next = pages[0]?.next; next && pages.length < count; next = pages.at(-1)?.next)
    pages.push(await read(next, { signal }))
  return pages
}
