/** Which tab leads: the one that has the lock. The others queue for it, and get it the moment that tab is closed. */
import { LEADER_LOCK, leaderIn, leaderLock } from '../tab-protocol.ts'

export interface Candidate {
  /** The id by which the service worker knows this tab. */
  whoAmI(): Promise<string>
  /** Leads until the signal aborts. What it has open then must not keep it from returning. */
  lead(signal: AbortSignal): Promise<void>
}

export interface Candidacy {
  /** Takes the place of a leader that does not react, unless another tab has done so. */
  depose(leader: string): Promise<void>
  /** Leads no more, and waits for it no more. */
  withdraw(): void
  /** After a withdrawal. */
  stand(): void
}

/** Held by the tab that takes the lead by force. */
const SUCCESSION_LOCK = 'flotilla-succession'

/** Milliseconds after a failure to lead. */
const RETRY = 5000

interface Term {
  readonly control: AbortController
  /** Resolves when it leads, or will not. */
  readonly settled: Promise<void>
}

/** It stands at once. */
export function createCandidacy({ whoAmI, lead }: Candidate): Candidacy {
  const { locks } = navigator
  let term = begin(false)

  /** Waits its turn, or takes the lock by force, which takes away the one that another tab waits with. */
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

  /** A lock that was taken away can be queued for at once. */
  async function lose(lost: Term, error: Error): Promise<void> {
    if (lost.control.signal.aborted) return
    lost.control.abort(error)
    if (error.name !== 'AbortError') await new Promise((resolve) => setTimeout(resolve, RETRY))
    if (term === lost) term = begin(false)
  }

  return {
    depose: (leader) =>
      locks.request(SUCCESSION_LOCK, async () => {
        if ((await leaders()).some((id) => id !== leader)) return
        term.control.abort(new Error('takes the lead by force'))
        term = begin(true)
        await term.settled
        // The service worker learns from this that it is gone.
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
