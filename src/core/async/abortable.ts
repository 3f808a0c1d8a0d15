/** Stops waiting for a promise or for the next chunk of a stream when a signal aborts. */

/** What can be given up takes a signal. Where one is required, the type is `{ readonly signal: AbortSignal }`. */
export interface AbortOptions {
  readonly signal?: AbortSignal | undefined
}

/** The bytes of a stream: chunks of any size. */
type Bytes = AsyncIterable<Uint8Array>

/** `bytes` unchanged, until the signal aborts: then its reason is thrown and `bytes` is told to stop. */
export function abortable(bytes: Bytes, signal: AbortSignal | undefined): Bytes {
  return signal ? interruptible(bytes, signal) : bytes
}

async function* interruptible(bytes: Bytes, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]()
  // A fresh promise for each chunk: racing one long-lived promise would keep every chunk in memory.
  let interrupt: (reason: unknown) => void = () => {}
  const onAbort = (): void => interrupt(signal.reason)
  signal.addEventListener('abort', onAbort)
  try {
    for (;;) {
      signal.throwIfAborted()
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        interrupt = reject
        source.next().then(resolve, reject)
      })
      if (next.done) return
      yield next.value
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    // Not awaited: a source that is stuck in its next chunk would answer only after it.
    source.return?.()?.then(undefined, () => {})
  }
}

/** The promise's outcome, or the signal's reason, whichever is first. */
export async function raceSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let onAbort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
