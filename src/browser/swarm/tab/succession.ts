/** Follows the tabs that lead, one after another, and keeps the last status. */

import { raceSignal } from '../../../core/async/abortable.ts'
import { delay } from '../../../core/async/delay.ts'
import { createNotifier } from '../../../core/async/notifier.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import { type LeaderStatus, toWorkerSchema } from '../../tab-protocol.ts'
import { deposeLeader, findLeader, type Leader, type Tabs } from './leader.ts'

export interface Succession {
  /** The last status. It is kept after the leader has gone, because its successor reaches the same peers. */
  readonly status: LeaderStatus | undefined
  /** @throws UNAVAILABLE if no tab takes the lead in time */
  waitForLeader(signal: AbortSignal): Promise<Leader>
  /** Resolves when the leader has named its peers, or when the signal aborts. */
  waitUntilSettled(signal: AbortSignal): Promise<void>
  /** Takes a message that was posted to the worker; ignores those that are not from a leader. */
  receive(event: { readonly data: unknown; readonly source: unknown }): void
}

/** How long a tab may take to lead: it has to start libp2p and to dial. */
const TAKEOVER_TIMEOUT_MS = 3000

const POLL_INTERVAL_MS = 50

export function createSuccession(tabs: Tabs): Succession {
  const notifier = createNotifier()
  const frozen = new Set<string>()
  let leader: Leader | undefined
  let finding: Promise<Leader | undefined> | undefined
  let status: LeaderStatus | undefined

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
    found.ping()
  }

  async function succeed(): Promise<void> {
    await waitForLeader(new AbortController().signal).catch(() => {
      status = undefined
    })
  }

  async function waitForLeader(signal: AbortSignal): Promise<Leader> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(TAKEOVER_TIMEOUT_MS)])
    while (!limit.aborted) {
      const found = await current()
      if (found && !found.gone.aborted) return found
      await delay(POLL_INTERVAL_MS, limit)
    }
    signal.throwIfAborted()
    // A tab that was frozen while it queued may hold the lock.
    await deposeLeader(tabs, '')
    throw peerFailed('no tab leads yet; try again in a few seconds')
  }

  async function update(latest: LeaderStatus, id: string): Promise<void> {
    frozen.delete(id)
    const found = await current()
    if (found?.id !== id) return
    found.onStatus(latest)
    status = latest
    notifier.notify()
  }

  return {
    get status() {
      return status
    },
    waitForLeader,
    async waitUntilSettled(signal) {
      const found = await waitForLeader(signal).catch(() => undefined)
      found?.ping()
      while (found && !found.status?.isSettled && !signal.aborted) {
        await raceSignal(notifier.wait(), signal).catch(() => {})
      }
    },
    receive({ data, source }) {
      const latest = toWorkerSchema.safeParse(data).data
      const id = (source as Client | null)?.id
      if (latest && id !== undefined) void update(latest, id)
    },
  }
}
