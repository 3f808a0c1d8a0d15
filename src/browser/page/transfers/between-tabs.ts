/**
 * What the tabs of this browser tell each other of transfers. All show the same list; one at a time has a transfer in
 * hand, which a Web Lock says, and whoever waits for that lock learns that the tab has gone.
 */
import { effect } from '@preact/signals'
import { recordOf, type TransferRecord, writeRecord } from './records.ts'
import type { Transfer } from './transfer.ts'

export type Message =
  | { readonly is: 'record'; readonly record: TransferRecord }
  | { readonly is: 'removed'; readonly ids: readonly string[] }
  /** To the tab that has it in hand. */
  | { readonly is: 'order'; readonly id: string; readonly order: Order }

export type Order = 'pause' | 'cancel'

/** Milliseconds between two words on how far a transfer is. */
const PACE = 200

const channel = new BroadcastChannel('flotilla-transfers')

export const tellTabs = (message: Message): void => channel.postMessage(message)

export const hearTabs = (hear: (message: Message) => void): void =>
  channel.addEventListener('message', ({ data }) => hear(data))

/** Writes down a transfer, and tells the other tabs; where nothing can be written, it goes on without. */
export async function publish(transfer: Transfer): Promise<void> {
  const record = recordOf(transfer)
  tellTabs({ is: 'record', record })
  await writeRecord(record).catch(() => {})
}

/** Publishes what changes: a phase at once, progress so often at most. @returns ends it, with all written down */
export function publishChanges(transfer: Transfer): () => Promise<void> {
  const { phase, progress } = transfer
  let timer: ReturnType<typeof setTimeout> | undefined
  let publishedAt = 0
  const now = () => {
    clearTimeout(timer)
    timer = undefined
    publishedAt = Date.now()
    return publish(transfer)
  }
  const endPhase = effect(() => void (phase.value && now()))
  const endProgress = effect(() => {
    if (progress.value) timer ??= setTimeout(now, Math.max(0, publishedAt + PACE - Date.now()))
  })
  return async () => {
    endPhase()
    endProgress()
    await now()
  }
}

/**
 * Runs `work` as the one tab that has the transfer in hand.
 *
 * @param whenFree - waits for the tab that has it; else nothing is done where one has
 */
export const inHand = (id: string, work: () => Promise<void>, { whenFree = false } = {}): Promise<void> =>
  navigator.locks.request(`flotilla-transfer/${id}`, { ifAvailable: !whenFree }, (lock) =>
    lock ? work() : undefined,
  ) as Promise<void>
