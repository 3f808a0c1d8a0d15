/** One transfer of all tabs at a time: that is the fastest for all of them. */

export interface Turn {
  /** Lets others go first while `work` waits, such as for an answer of its user. */
  outside<T>(work: () => Promise<T>): Promise<T>
  leave(): void
}

export async function takeTurn(signal: AbortSignal): Promise<Turn> {
  let leave = await acquire(signal)
  return {
    async outside(work) {
      leave()
      const result = await work()
      leave = await acquire(signal)
      return result
    },
    leave: () => leave(),
  }
}

/** Gives what lets go of it. */
const acquire = (signal: AbortSignal): Promise<() => void> =>
  new Promise((resolve, reject) => {
    const held = () => new Promise<void>(resolve)
    navigator.locks.request('flotilla-transfers-turn', { signal }, held).catch(reject)
  })
