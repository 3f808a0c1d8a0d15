/** Reads something from the registry for a component, and again whenever the registry changed. */
import { useLayoutEffect, useState } from 'preact/hooks'
import { changes } from './changes-state.ts'

/** Neither of the two while it is read for the first time; both if reading again failed. */
export interface Loaded<T> {
  readonly value?: T
  readonly failure?: unknown
}

/**
 * @param key - says what is read: a different key starts anew, the same one shows the old value meanwhile
 * @param moment - reads again whenever it changes
 */
export function useLoaded<T>(
  key: string,
  load: (signal: AbortSignal) => Promise<T>,
  moment?: number,
): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T> & { readonly key: string }>({ key })
  const revision = changes.value
  // Before the paint, after which effects run: the answer is on its way meanwhile.
  useLayoutEffect(() => {
    const aborting = new AbortController()
    const { signal } = aborting
    load(signal).then(
      (value) => signal.aborted || setLoaded({ key, value }),
      (failure) => signal.aborted || setLoaded((old) => ({ ...(old.key === key && old), key, failure })),
    )
    return () => aborting.abort()
  }, [key, revision, moment])
  return loaded.key === key ? loaded : {}
}
