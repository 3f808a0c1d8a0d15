/**
 * Stands in for the swarm until it has joined, so that a registry can answer requests at once. Until then, a lookup waits
 * as long as it would for peers that do not have what it is for.
 */

import { delay } from '../async/delay.ts'
import type { Remote } from '../store/remote.ts'

export interface Deferred<T> {
  /** Gives the value; `undefined` if there will never be one. */
  resolve(value: T | undefined): void
  /** The value, if it is there already. */
  readonly current: T | undefined
  /** The value; `undefined` also after the timeout. */
  wait(): Promise<T | undefined>
}

export interface DeferredRemote extends Remote, Pick<Deferred<Remote>, 'resolve'> {}

/** @param timeout - milliseconds that a call waits for the value */
export const createDeferred = <T>(timeout: number): Deferred<T> => new DeferredValue(timeout)

class DeferredValue<T> implements Deferred<T> {
  readonly #timeout: number
  readonly #resolved = Promise.withResolvers<void>()
  #isResolved = false
  #current: T | undefined

  constructor(timeout: number) {
    this.#timeout = timeout
  }

  get current(): T | undefined {
    return this.#current
  }

  resolve(value: T | undefined): void {
    this.#current = value
    this.#isResolved = true
    this.#resolved.resolve()
  }

  async wait(): Promise<T | undefined> {
    if (this.#isResolved) return this.#current
    const ended = new AbortController()
    await Promise.race([this.#resolved.promise, delay(this.#timeout, ended.signal)])
    ended.abort()
    return this.#current
  }
}

/**
 * Each method passes its arguments on unchanged, so a changed signature in {@link Remote} needs no change here.
 *
 * @param timeout - see {@link createDeferred}
 */
export function createDeferredRemote(timeout: number): DeferredRemote {
  const remote = createDeferred<Remote>(timeout)
  return {
    resolve: (value) => remote.resolve(value),
    blob: async (...args) => (await remote.wait())?.blob(...args),
    manifest: async (...args) => (await remote.wait())?.manifest(...args),
    tag: async (...args) => (await remote.wait())?.tag(...args),
    tagAge: () => remote.current?.tagAge() ?? 0,
    preview: async (...args) => (await remote.wait())?.preview(...args),
    referrers: async (...args) => (await remote.wait())?.referrers(...args),
  }
}
