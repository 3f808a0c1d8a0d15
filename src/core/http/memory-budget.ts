/**
 * A budget of memory for clients that may be slow: for what they send, or for what is sent to them. When it is exceeded,
 * the client whose progress is longest ago is cut, so nobody waits for a client that has stopped.
 */

export interface Reservation extends Disposable {
  /** The client has made progress, and takes this many more bytes. */
  grow(bytes: number): void
  /** It does not wait for the client any more: it still counts, but is not cut. */
  protect(): void
}

export interface MemoryBudget {
  /** @param cut - called at most once, and not after the reservation is disposed of */
  reserve(cut: () => void): Reservation
}

/** @param maxBytes - of all reservations together */
export function createMemoryBudget(maxBytes: number): MemoryBudget {
  /** The one whose progress is longest ago comes first. */
  const cuttable = new Set<ClientMemory>()
  let held = 0

  function grow(holding: ClientMemory, bytes: number): void {
    held += bytes
    if (cuttable.delete(holding)) cuttable.add(holding)
    while (held > maxBytes) {
      const [slowest] = cuttable
      if (!slowest) return
      slowest[Symbol.dispose]()
      slowest.cut()
    }
  }

  class ClientMemory implements Reservation {
    readonly cut: () => void
    #bytes = 0
    #isOver = false

    constructor(cut: () => void) {
      this.cut = cut
      cuttable.add(this)
    }

    grow(bytes: number): void {
      if (this.#isOver) return
      this.#bytes += bytes
      grow(this, bytes)
    }

    protect(): void {
      cuttable.delete(this)
    }

    [Symbol.dispose](): void {
      this.#isOver = true
      cuttable.delete(this)
      held -= this.#bytes
      this.#bytes = 0
    }
  }

  return { reserve: (cut) => new ClientMemory(cut) }
}
