/** Memory for pieces of files, all of one size, used again and again, and let go when it is not. */

/** Milliseconds without a reader. */
const IDLE_TIME = 10_000

export class PieceMemory {
  readonly size: number
  readonly #mostBlank: number
  #blank: Buffer[] = []
  #idle: NodeJS.Timeout | undefined

  /** @param mostBlank - kept for the next reader; more are allocated at need and then let go */
  constructor(size: number, mostBlank: number) {
    this.size = size
    this.#mostBlank = mostBlank
  }

  take(): Buffer {
    return this.#blank.pop() ?? Buffer.allocUnsafeSlow(this.size)
  }

  give(memory: Buffer): void {
    if (this.#blank.length < this.#mostBlank) this.#blank.push(memory)
    this.#idle ??= setTimeout(this.#letGo, IDLE_TIME).unref()
    this.#idle.refresh()
  }

  readonly #letGo = (): void => {
    this.#blank = []
    this.#idle = undefined
  }
}
