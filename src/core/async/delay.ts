/** Waits for a time, or for no longer than that. */
import { RegistryError } from '../oci/error.ts'

/** Resolves after so many milliseconds, or when the signal aborts. */
export function delay(milliseconds: number, signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve(undefined)
    }
    const timer = setTimeout(end, milliseconds)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

/** Storage did not answer in time. */
export class TimeoutError extends RegistryError {
  constructor() {
    super('UNAVAILABLE', 'storage does not answer')
  }
}

/**
 * For storage that may never answer, such as IndexedDB. The operation itself goes on.
 *
 * @throws TimeoutError after so many milliseconds
 */
export async function withTimeout<T>(result: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TimeoutError()), milliseconds)
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}

/** Resolves in the next task of the event loop. A timer would take milliseconds. */
export const nextTask = (): Promise<void> =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
