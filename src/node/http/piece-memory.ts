/** Memory for pieces of files, all of one size, used again and again. */

export class PieceMemory {
  readonly size: number
  readonly #mostBlank: number
  readonly #blank: Buffer[] = []

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
  }
}
