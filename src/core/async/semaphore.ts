/** A semaphore: at most so many at once; the others wait in the order in which they came. */

export interface Semaphore {
  /** The slot is free again when it is disposed of. Rejects with the signal's reason if that aborts first. */
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
