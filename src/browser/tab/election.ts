/** Elects the leading tab: the one that holds the lock. The others queue for it and get it as soon as that tab closes. */
import { LEADER_LOCK, leaderIn, leaderLock } from '../tab-protocol.ts'

export interface Candidate {
  /** The id by which the service worker knows this tab. */
  whoAmI(): Promise<string>
  /** Leads until the signal aborts, and then returns at once, even if connections are still closing. */
  lead(signal: AbortSignal): Promise<void>
}

export interface Candidacy {
  /** Takes over from a leader that does not react, unless another tab has done so already. */
  depose(leader: string): Promise<void>
  /** Stops leading, and stops waiting for it. */
  withdraw(): void
  /** Becomes a candidate again after `withdraw()`. */
  stand(): void
}

/** Held by the tab that steals the lead. */
const SUCCESSION_LOCK = 'flotilla-succession'

/** Delay before another attempt after a failure to lead. */
const RETRY_DELAY_MS = 5000

interface Term {
  readonly control: AbortController
  /** Resolves when this tab leads, or has failed to. */
  readonly settled: Promise<void>
}

/** The tab is a candidate at once. */
export function createCandidacy({ whoAmI, lead }: Candidate): Candidacy {
  const { locks } = navigator
  let term = begin(false)

  /** Queues for the lock or steals it. Stealing aborts the pending lock requests of other tabs. */
  function begin(steal: boolean): Term {
    const control = new AbortController()
    const { promise: settled, resolve } = Promise.withResolvers<void>()
    const started: Term = { control, settled }
    hold(steal, control.signal, resolve)
      .catch((error) => lose(started, error))
      .finally(resolve)
    return started
  }

  async function hold(steal: boolean, signal: AbortSignal, onLead: () => void): Promise<void> {
    const id = await whoAmI()
    signal.throwIfAborted()
    const work = (): Promise<void> => {
      onLead()
      return lead(signal)
    }
    await locks.request(LEADER_LOCK, steal ? { steal } : { signal }, () =>
      locks.request(leaderLock(id), { signal }, work),
    )
  }

  /** A tab whose lock was stolen queues again at once; after a failure it waits first. */
  async function lose(lost: Term, error: Error): Promise<void> {
    if (lost.control.signal.aborted) return
    lost.control.abort(error)
    if (error.name !== 'AbortError') await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS))
    if (term === lost) term = begin(false)
  }

  return {
    depose: (leader) =>
      locks.request(SUCCESSION_LOCK, async () => {
        if ((await leaders()).some((id) => id !== leader)) return
        term.control.abort(new Error('this tab steals the lead'))
        term = begin(true)
        await term.settled
        // This tells the service worker that the old leader is gone.
        await locks.request(leaderLock(leader), { steal: true }, () => {})
      }),
    withdraw: () => term.control.abort(new Error('the tab is hidden')),
    stand() {
      if (term.control.signal.aborted) term = begin(false)
    },
  }
}

async function leaders(): Promise<string[]> {
  const { held = [] } = await navigator.locks.query()
  return held.flatMap(({ name }) => leaderIn(name) ?? [])
}
