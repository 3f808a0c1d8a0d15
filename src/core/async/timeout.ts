/** An end to waiting for IndexedDB, which may say nothing for ever. */
import { RegistryError } from '../oci/error.ts'

export class TimeoutError extends RegistryError {
  constructor() {
    super('UNAVAILABLE', 'storage does not answer')
  }
}

/** What is waited for goes on. @throws TimedOut after so many milliseconds */
export async function withTimeout<T>(result: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TimeoutError()), milliseconds)
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}
