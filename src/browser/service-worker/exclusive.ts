/**
 * A resource that only one service worker may have open at a time, although the old and the new version of a worker can
 * run side by side. A Web Lock says which one has it. A worker that needs it broadcasts a request; the one that has it
 * releases it as soon as it has no users left. A worker that the browser stops loses its locks, so nobody waits for it.
 */
import { RegistryError } from '../../core/oci/error.ts'

export interface Closable {
  close(): Promise<void>
}

export interface Exclusive<T> {
  /**
   * Opens the resource for the first user, if need be after another worker has released it.
   *
   * @throws RegistryError UNAVAILABLE if the other worker keeps it for too long; whatever `work` or `open` throws
   */
  run<R>(work: (resource: T, hold: Hold) => Promise<R>): Promise<R>
  /** Does nothing if the resource is not open. */
  ifOpen(work: (resource: T) => void): void
  /** Runs `work` while no worker has the resource open. */
  runWhileClosed<R>(work: () => Promise<R>, signal?: AbortSignal): Promise<R>
}

/** Keeps the resource open after `work` has ended, until the returned function is called. */
export type Hold = () => () => void

const MAX_WAIT_MS = 30_000

/**
 * The release is requested again at this interval, because a worker's first lock request can reach the queue after the
 * broadcast that it sent later. A worker that opens the resource in between would never hear of it.
 */
const REQUEST_INTERVAL_MS = 250

/**
 * @param name - of the Web Lock and of the broadcast channel
 * @param open - gets `release`, which closes what it opened; the next user opens it anew
 * @param maxWait - longest wait for another worker to release it, in milliseconds
 */
export function createExclusive<T extends Closable>(
  name: string,
  open: (lease: { readonly release: () => void }) => Promise<T>,
  maxWait = MAX_WAIT_MS,
): Exclusive<T> {
  const channel = new BroadcastChannel(name)
  let current: Lease<T> | undefined

  const endCurrent = (): void => {
    current?.end()
    current = undefined
  }
  channel.onmessage = endCurrent

  const acquire = (signal: AbortSignal, onLost?: () => void): Promise<Release> => {
    endCurrent()
    const acquired = acquireLock(name, { signal, onLost })
    const request = () => channel.postMessage('let go') // once this worker is in the queue, so that it comes next
    request()
    const timer = setInterval(request, REQUEST_INTERVAL_MS)
    return acquired.finally(() => clearInterval(timer))
  }

  const begin = (): Lease<T> => {
    const end = () => {
      lease.end()
      if (current === lease) current = undefined
    }
    const lease = new Lease<T>(async () => {
      const release = await acquire(AbortSignal.timeout(maxWait), end).catch(throwUnavailable)
      try {
        return { resource: await open({ release: end }), release }
      } catch (error) {
        release()
        throw error
      }
    })
    void lease.opened.catch(end)
    return lease
  }

  return {
    run(work) {
      current ??= begin()
      return current.use(work)
    },
    ifOpen(work) {
      current?.ifOpen(work)
    },
    async runWhileClosed(work, signal = AbortSignal.timeout(maxWait)) {
      const release = await acquire(signal)
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}

function throwUnavailable(cause: unknown): never {
  throw new RegistryError(
    'UNAVAILABLE',
    'another version of the service worker has the registry open; try again in a few seconds',
    { headers: { 'Retry-After': '5' }, cause },
  )
}

/** The time from opening the resource to closing it. */
class Lease<T extends Closable> {
  readonly opened: Promise<{ readonly resource: T; readonly release: Release }>
  #resource: T | undefined
  #users = 0
  #isEnding = false

  constructor(open: () => Promise<{ resource: T; release: Release }>) {
    this.opened = open()
  }

  async use<R>(work: (resource: T, hold: Hold) => Promise<R>): Promise<R> {
    const leave = this.#enter()
    try {
      const { resource } = await this.opened
      this.#resource = resource
      return await work(resource, () => this.#enter())
    } finally {
      leave()
    }
  }

  ifOpen(work: (resource: T) => void): void {
    if (this.#resource) work(this.#resource)
  }

  /** Closes the resource when its last user has left. Don't add users after this call. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    if (this.#users === 0) void this.#close()
  }

  #enter(): () => void {
    this.#users++
    let hasLeft = false
    return () => {
      if (hasLeft) return
      hasLeft = true
      if (--this.#users === 0 && this.#isEnding) void this.#close()
    }
  }

  async #close(): Promise<void> {
    const opened = await this.opened.catch(() => undefined)
    try {
      await opened?.resource.close()
    } finally {
      opened?.release()
    }
  }
}

/** Frees the Web Lock. */
export type Release = () => void

/**
 * Acquires a Web Lock that is released by a call, because it outlives the scope in which it is taken.
 *
 * @param options.onLost - called if another context steals the lock
 * @throws the reason of `signal` if that aborts first
 */
export function acquireLock(
  name: string,
  { signal, onLost }: { readonly signal: AbortSignal; readonly onLost?: (() => void) | undefined },
): Promise<Release> {
  const { promise, resolve, reject } = Promise.withResolvers<Release>()
  let isHeld = false
  const hold = () =>
    new Promise<void>((release) => {
      isHeld = true
      resolve(release)
    })
  navigator.locks.request(name, { signal }, hold).catch((reason) => {
    if (isHeld) onLost?.()
    else reject(reason)
  })
  return promise
}
