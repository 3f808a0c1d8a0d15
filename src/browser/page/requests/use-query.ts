/**
 * How components read from the registry and change it: a query is read again whenever the registry has changed; a
 * mutation keeps its failure, so that it is shown next to the control that started it.
 */
import { signal } from '@preact/signals'
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'

/** Goes up with each change of the registry. */
export const registryRevision = signal(0)

/** To be called after each change: all queries are read again. */
export const invalidate = (): void => {
  registryRevision.value++
}

/** Both are absent while it is read for the first time; both are there if reading it again has failed. */
export interface Query<T> {
  readonly value?: T
  readonly failure?: unknown
}

/**
 * @param key - says what is read: a new key drops the old value, the same key keeps it until the new one has come
 * @param tick - a change of it reads again
 */
export function useQuery<T>(key: string, load: (signal: AbortSignal) => Promise<T>, tick?: number): Query<T> {
  const [loaded, setLoaded] = useState<Query<T> & { readonly key: string }>({ key })
  const revision = registryRevision.value
  // A layout effect runs before the browser paints, so that the request is sent first.
  useLayoutEffect(() => {
    const aborting = new AbortController()
    const { signal } = aborting
    load(signal).then(
      (value) => signal.aborted || setLoaded({ key, value }),
      (failure) => signal.aborted || setLoaded((old) => ({ ...(old.key === key && old), key, failure })),
    )
    return () => aborting.abort()
  }, [key, revision, tick])
  return loaded.key === key ? loaded : {}
}

export interface Mutation {
  /** Of the last run; `undefined` if it succeeded. */
  readonly failure: unknown
  run(work: () => Promise<unknown>): Promise<void>
}

export function useMutation(): Mutation {
  const [failure, setFailure] = useState<unknown>()
  const run = (work: () => Promise<unknown>) => work().then(() => setFailure(undefined), setFailure)
  return { failure, run }
}

/** A counter that goes up at an interval while the page is visible. */
export function useTicks(milliseconds: number): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setCount((count) => count + 1), milliseconds)
    return () => clearInterval(timer)
  }, [milliseconds])
  return count
}
