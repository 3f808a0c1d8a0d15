/**
 * Messages about transfers between the tabs of this browser. All tabs show the same list. One tab runs a transfer and
 * holds its Web Lock; another tab that waits for the lock gets it when the first one is closed.
 */
import { effect } from '@preact/signals'
import { recordOf, type TransferRecord, writeRecord } from './records.ts'
import type { Transfer } from './transfer.ts'

export type Message =
  | { readonly is: 'record'; readonly record: TransferRecord }
  | { readonly is: 'removed'; readonly ids: readonly string[] }
  /** To the tab that runs it. */
  | { readonly is: 'order'; readonly id: string; readonly order: TransferCommand }

export type TransferCommand = 'pause' | 'cancel'

/** Milliseconds between two progress messages. */
const PUBLISH_MS = 200

const channel = new BroadcastChannel('flotilla-transfers')

export const postToTabs = (message: Message): void => channel.postMessage(message)

export const onTabMessage = (hear: (message: Message) => void): void =>
  channel.addEventListener('message', ({ data }) => hear(data))

/** Stores a transfer and posts it to the other tabs; a transfer that cannot be stored continues. */
export async function publish(transfer: Transfer): Promise<void> {
  const record = recordOf(transfer)
  postToTabs({ is: 'record', record })
  await writeRecord(record).catch(() => {})
}

/**
 * Publishes changes: a new phase at once, progress at intervals.
 *
 * @returns stops it after a last publication
 */
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
    if (progress.value) timer ??= setTimeout(now, Math.max(0, publishedAt + PUBLISH_MS - Date.now()))
  })
  return async () => {
    endPhase()
    endProgress()
    await now()
  }
}

/**
 * Runs `work` while this tab holds the lock of the transfer.
 *
 * @param whenFree - waits for the lock; otherwise `work` is not run if another tab holds it
 */
export const withTransferLock = (
  id: string,
  work: () => Promise<void>,
  { whenFree = false } = {},
): Promise<void> =>
  navigator.locks.request(`flotilla-transfer/${id}`, { ifAvailable: !whenFree }, (lock) =>
    lock ? work() : undefined,
  ) as Promise<void>
