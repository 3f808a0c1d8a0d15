/**
 * What only one worker at a time may have open, though the old and the new version of one may overlap: a Web Lock says
 * whose it is. Who needs it asks by a broadcast; who has it lets go once nobody uses it there any more. A worker that
 * is stopped loses its locks, so nobody waits for the dead.
 */
import { RegistryError } from '../../core/oci/error.ts'
import { type Acquired, acquireLock } from './acquire-lock.ts'

export interface Closable {
  close(): Promise<void>
}

export interface Exclusive<T> {
  /**
   * Opens it for the first use, if need be when another worker has let go.
   *
   * @throws RegistryError UNAVAILABLE where that one does not in time; what `work` or the opening throws
   */
  run<R>(work: (thing: T, hold: Hold) => Promise<R>): Promise<R>
  /** Does nothing where it is not open. */
  ifOpen(work: (thing: T) => void): void
  /** Runs `work` when no worker has it open. */
  whileClosed<R>(work: () => Promise<R>, signal?: AbortSignal): Promise<R>
}

/** Keeps it open beyond the work that it is called in, until the function it gives is called. */
export type Hold = () => () => void

const PATIENCE = 30_000

/**
 * Milliseconds after which who waits asks again: a worker's first request for a lock may reach the queue after the
 * broadcast that it sent later, and one that begins in between would never hear of it.
 */
const ASK_AGAIN = 250

/**
 * @param open - is given how to ask that what it gives is closed, and opened anew for the next use
 * @param patience - longest wait for another worker to let go, in milliseconds
 */
export function createExclusive<T extends Closable>(
  name: string,
  open: (tenure: { readonly letGo: () => void }) => Promise<T>,
  patience = PATIENCE,
): Exclusive<T> {
  const channel = new BroadcastChannel(name)
  let current: Tenure<T> | undefined

  const letGo = (): void => {
    current?.end()
    current = undefined
  }
  channel.onmessage = letGo

  const acquire = (signal: AbortSignal, onLost?: () => void): Promise<Acquired> => {
    letGo()
    const acquired = acquireLock(name, { signal, onLost })
    const ask = () => channel.postMessage('let go') // when this one is in the queue, and who asks next is behind it
    ask()
    const asking = setInterval(ask, ASK_AGAIN)
    return acquired.finally(() => clearInterval(asking))
  }

  const begin = (): Tenure<T> => {
    const drop = () => {
      tenure.end()
      if (current === tenure) current = undefined
    }
    const tenure = new Tenure<T>(async () => {
      const release = await acquire(AbortSignal.timeout(patience), drop).catch(isElsewhere)
      try {
        return { thing: await open({ letGo: drop }), release }
      } catch (error) {
        release()
        throw error
      }
    })
    void tenure.opened.catch(drop)
    return tenure
  }

  return {
    run(work) {
      current ??= begin()
      return current.use(work)
    },
    ifOpen(work) {
      current?.ifOpen(work)
    },
    async whileClosed(work, signal = AbortSignal.timeout(patience)) {
      const release = await acquire(signal)
      try {
        return await work()
      } finally {
        release()
      }
    },
  }
}

function isElsewhere(cause: unknown): never {
  throw new RegistryError('UNAVAILABLE', 'another version of the service worker has the registry open', {
    headers: { 'Retry-After': '5' },
    cause,
  })
}

/** From the opening to the closing. */
class Tenure<T extends Closable> {
  readonly opened: Promise<{ readonly thing: T; readonly release: Acquired }>
  #thing: T | undefined
  #users = 0
  #isEnding = false

  constructor(open: () => Promise<{ thing: T; release: Acquired }>) {
    this.opened = open()
  }

  async use<R>(work: (thing: T, hold: Hold) => Promise<R>): Promise<R> {
    const leave = this.#enter()
    try {
      const { thing } = await this.opened
      this.#thing = thing
      return await work(thing, () => this.#enter())
    } finally {
      leave()
    }
  }

  ifOpen(work: (thing: T) => void): void {
    if (this.#thing) work(this.#thing)
  }

  /** Closes it when the last user has gone; to be given no more users. */
  end(): void {
    if (this.#isEnding) return
    this.#isEnding = true
    if (this.#users === 0) void this.#close()
  }

  #enter(): () => void {
    this.#users++
    let isIn = true
    return () => {
      if (!isIn) return
      isIn = false
      if (--this.#users === 0 && this.#isEnding) void this.#close()
    }
  }

  async #close(): Promise<void> {
    const opened = await this.opened.catch(() => undefined)
    try {
      await opened?.thing.close()
    } finally {
      opened?.release()
    }
  }
}
