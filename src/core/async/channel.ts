/** An unbounded queue from several producers to one consumer. It keeps everything, so it is for few items. */

export interface Channel<T> extends AsyncIterable<T> {
  /** Has no effect after the end. */
  push(item: T): void
  /** The consumer still receives what was pushed before. */
  end(): void
}

/** @param onReturn - called when the consumer stops reading */
export const createChannel = <T>(onReturn: () => void = () => {}): Channel<T> => new QueueChannel(onReturn)

class QueueChannel<T> implements Channel<T> {
  readonly #onReturn: () => void
  readonly #items: T[] = []
  #hasEnded = false
  #wake = () => {}

  constructor(onReturn: () => void) {
    this.#onReturn = onReturn
  }

  readonly push = (item: T): void => {
    if (this.#hasEnded) return
    this.#items.push(item)
    this.#wake()
  }

  readonly end = (): void => {
    this.#hasEnded = true
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    try {
      for (;;) {
        while (this.#items.length > 0) yield this.#items.shift()!
        if (this.#hasEnded) return
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      this.end()
      this.#onReturn()
    }
  }
}
