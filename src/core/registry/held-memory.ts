/**
 * Memory that is held for clients who may be slow: of what they send, or of what they are sent. It has a bound, and where
 * that is reached, the client that has got on least lately is cut. So nobody waits for somebody who has stopped.
 */

export interface Holding extends Disposable {
  /** It got on, and takes so many bytes more. */
  add(bytes: number): void
  /** It does not depend on the client any more: it still counts, and is not cut. */
  settle(): void
}

export interface HeldMemory {
  /** @param cut - called at most once, and not after the end of the holding */
  hold(cut: () => void): Holding
}

/** @param most - bytes */
export function createHeldMemory(most: number): HeldMemory {
  /** In the order in which they got on last. */
  const cuttable = new Set<ClientMemory>()
  let held = 0

  function grow(holding: ClientMemory, bytes: number): void {
    held += bytes
    if (cuttable.delete(holding)) cuttable.add(holding)
    while (held > most) {
      const [slowest] = cuttable
      if (!slowest) return
      slowest[Symbol.dispose]()
      slowest.cut()
    }
  }

  class ClientMemory implements Holding {
    readonly cut: () => void
    #bytes = 0
    #isOver = false

    constructor(cut: () => void) {
      this.cut = cut
      cuttable.add(this)
    }

    add(bytes: number): void {
      if (this.#isOver) return
      this.#bytes += bytes
      grow(this, bytes)
    }

    settle(): void {
      cuttable.delete(this)
    }

    [Symbol.dispose](): void {
      this.#isOver = true
      cuttable.delete(this)
      held -= this.#bytes
      this.#bytes = 0
    }
  }

  return { hold: (cut) => new ClientMemory(cut) }
}
