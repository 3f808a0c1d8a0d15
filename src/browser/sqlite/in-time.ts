/** An end to waiting for IndexedDB, which may say nothing for ever. */
import { RegistryError } from '../../core/oci/error.ts'

export class TimedOut extends RegistryError {
  constructor() {
    super('UNAVAILABLE', 'storage does not answer')
  }
}

/** What is waited for goes on. @throws TimedOut after so many milliseconds */
export async function inTime<T>(result: Promise<T>, milliseconds: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TimedOut()), milliseconds)
  return Promise.race([result, late]).finally(() => clearTimeout(timer))
}
