/** One transfer of all tabs runs at a time, which is the fastest for all of them. */

export interface TransferSlot {
  /** Releases the slot while `work` waits, for example for the user. */
  releaseDuring<T>(work: () => Promise<T>): Promise<T>
  release(): void
}

export async function acquireSlot(signal: AbortSignal): Promise<TransferSlot> {
  let leave = await acquire(signal)
  return {
    async releaseDuring(work) {
      leave()
      const result = await work()
      leave = await acquire(signal)
      return result
    },
    release: () => leave(),
  }
}

/** Resolves with a function that releases the lock. */
const acquire = (signal: AbortSignal): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const held = () => new Promise<void>(resolve)
    navigator.locks.request('flotilla-transfers-turn', { signal }, held).catch(reject)
  })
