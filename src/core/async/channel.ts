/** A queue between those who find something and one who waits for it. */

export interface Channel<T> extends AsyncIterable<T> {
  /** Of no effect after the end. */
  push(item: T): void
  /** What was pushed before is still given. */
  end(): void
}

/** Keeps all that is pushed: for items of which there are few. @param onReturn - called when the reader has left */
export function createChannel<T>(onReturn: () => void = () => {}): Channel<T> {
  const items: T[] = []
  let ended = false
  let wake = () => {}
  const change = (apply: () => void) => () => {
    apply()
    wake()
  }
  const end = change(() => {
    ended = true
  })
  async function* read(): AsyncGenerator<T> {
    try {
      for (;;) {
        while (items.length > 0) yield items.shift()!
        if (ended) return
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    } finally {
      end()
      onReturn()
    }
  }
  return {
    push(item) {
      if (!ended) change(() => items.push(item))()
    },
    end,
    [Symbol.asyncIterator]: read,
  }
}
