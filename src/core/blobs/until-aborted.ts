/**
 * Ends a stream of bytes when a signal aborts, also while its next chunk is still being waited for. Apart from
 * the disks because every one of them needs it.
 */
import type { Bytes } from './ports.ts'

/** `bytes` unchanged, until the signal aborts: then its reason is thrown and `bytes` is told to stop. */
export function untilAborted(bytes: Bytes, signal: AbortSignal | undefined): Bytes {
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
    // Not awaited: a source that is stuck in its next chunk answers only after it.
    source.return?.()?.then(undefined, () => {})
  }
}
