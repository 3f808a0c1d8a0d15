/** Bounds how much runs at once. */

/** At most `count` slots are taken at once. Callers wait for one in the order in which they came. */
export interface Semaphore {
  /** Disposing of the result frees the slot. Rejects with the signal's reason if that aborts first. */
  acquire(signal?: AbortSignal): Promise<Disposable>
  /** Runs `work` in a slot. */
  run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T>
}

export const createSemaphore = (count: number): Semaphore => new CountingSemaphore(count)

class CountingSemaphore implements Semaphore {
  readonly #waiting = new Set<() => void>()
  #free: number

  constructor(count: number) {
    this.#free = count
  }

  async acquire(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    return { [Symbol.dispose]: () => this.#release() }
  }

  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const slot = await this.acquire(signal)
    try {
      return await work()
    } finally {
      slot[Symbol.dispose]()
    }
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal?.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting.delete(enter)
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', leave, { once: true })
      this.#waiting.add(enter)
    })
  }

  /** The slot passes to the caller that has waited longest. */
  #release(): void {
    const [enter] = this.#waiting
    if (!enter) {
      this.#free++
      return
    }
    this.#waiting.delete(enter)
    enter()
  }
}

/**
 * Runs `work` on each item, `width` at a time, and begins the next as soon as one is done. Rejects with the first
 * failure; what runs then still ends, and its lane begins nothing more.
 */
export async function inParallel<T>(
  width: number,
  items: Iterable<T>,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: width }, lane))
}
