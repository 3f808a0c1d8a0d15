/** The tabs that lead, one after another, as the service worker follows them; and what the last of them said. */

import { orAborted } from '../../../core/async/abortable.ts'
import { delay } from '../../../core/async/delay.ts'
import { createNotifier } from '../../../core/async/notifier.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import { type Status, toWorkerSchema } from '../../tab-protocol.ts'
import { deposeLeader, findLeader, type Leader, type Tabs } from './leader.ts'

export interface Succession {
  /** What the leader said last; after it has gone that too, as the next one will reach the same peers. */
  readonly status: Status | undefined
  /** The one that leads. @throws UNAVAILABLE where no tab does in time */
  leading(signal: AbortSignal): Promise<Leader>
  /** Resolves when it has told of its peers, or with the signal. */
  settled(signal: AbortSignal): Promise<void>
  /** What was posted to the worker; whatever is not of a leader is not minded. */
  receive(event: { readonly data: unknown; readonly source: unknown }): void
}

/** Milliseconds that are given to a tab to lead, which takes as long as to start libp2p and to dial. */
const TAKEOVER = 3000

/** Milliseconds from one look for a leader to the next. */
const POLL = 50

export function createSuccession(tabs: Tabs): Succession {
  const notifier = createNotifier()
  const frozen = new Set<string>()
  let leader: Leader | undefined
  let finding: Promise<Leader | undefined> | undefined
  let status: Status | undefined

  async function current(): Promise<Leader | undefined> {
    if (leader && !leader.gone.aborted) return leader
    finding ??= findLeader(tabs, frozen).finally(() => {
      finding = undefined
    })
    const found = await finding
    if (found && found !== leader) follow(found)
    return found
  }

  function follow(found: Leader): void {
    leader = found
    found.gone.addEventListener('abort', () => void succeed())
    found.look()
  }

  async function succeed(): Promise<void> {
    await leading(new AbortController().signal).catch(() => {
      status = undefined
    })
  }

  async function leading(signal: AbortSignal): Promise<Leader> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TAKEOVER)])
    while (!limit.aborted) {
      const found = await current()
      if (found && !found.gone.aborted) return found
      await delay(POLL, limit)
    }
    signal.throwIfAborted()
    // The lock may be with a tab that was frozen while it queued.
    await deposeLeader(tabs, '')
    throw peerFailed('no tab leads')
  }

  async function heard(said: Status, id: string): Promise<void> {
    frozen.delete(id)
    const found = await current()
    if (found?.id !== id) return
    found.heard(said)
    status = said
    notifier.notify()
  }

  return {
    get status() {
      return status
    },
    leading,
    async settled(signal) {
      const found = await leading(signal).catch(() => undefined)
      found?.look()
      while (found && !found.status?.isSettled && !signal.aborted) {
        await orAborted(notifier.wait(), signal).catch(() => {})
      }
    },
    receive({ data, source }) {
      const said = toWorkerSchema.safeParse(data).data
      const id = (source as Client | null)?.id
      if (said && id !== undefined) void heard(said, id)
    },
  }
}
