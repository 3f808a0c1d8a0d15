/** A pool of buffers of one size, which are reused, and freed after a while without use. */

/** Without use, after which the buffers are freed. */
const IDLE_TIME_MS = 10_000

export class BufferPool {
  readonly size: number
  readonly #maxIdle: number
  #idle: Buffer[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param maxIdle - buffers that are kept for reuse; more are allocated when needed and freed after use */
  constructor(size: number, maxIdle: number) {
    this.size = size
    this.#maxIdle = maxIdle
  }

  acquire(): Buffer {
    return this.#idle.pop() ?? Buffer.allocUnsafeSlow(this.size)
  }

  release(buffer: Buffer): void {
    if (this.#idle.length < this.#maxIdle) this.#idle.push(buffer)
    this.#timer ??= setTimeout(this.#free, IDLE_TIME_MS).unref()
    this.#timer.refresh()
  }

  readonly #free = (): void => {
    this.#idle = []
    this.#timer = undefined
  }
}
