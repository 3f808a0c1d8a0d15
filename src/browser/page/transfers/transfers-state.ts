/** The list of transfers, the same in every tab of this browser, and what the user can do with them. */
import { batch, signal } from '@preact/signals'
import { invalidate } from '../requests/use-query.ts'
import { type Message, onTabMessage, postToTabs, publish, withTransferLock } from './between-tabs.ts'
import { KINDS } from './kinds.ts'
import { deleteRecords, readRecords, type TransferRecord, transferOf } from './records.ts'
import { abandonAll, abortHere, cleanUp, needsOf, runHere, takeOverWhenFree } from './run.ts'
import { hasEnded, isActive, type Kind, NO_PROGRESS, type Tasks, type Transfer } from './transfer.ts'

/** Ended transfers that are kept, the latest ones. */
const MAX_ENDED = 100

/** In the order of their start. */
export const transfers = signal<readonly Transfer[]>([])

/** The id of the transfer that the user has just started, which is shown and gets the focus. */
export const startedTransfer = signal<string | undefined>(undefined)

/** Adds a transfer to the end of the queue, shows it and gives it the focus. */
export function startTransfer<K extends Kind>(kind: K, title: string, task: Tasks[K], id = newId()): void {
  const fixed = { id, kind, title, task, createdAt: Date.now() }
  const transfer = transferOf({ ...fixed, phase: { is: 'waiting' }, progress: NO_PROGRESS, remarks: [] })
  transfers.value = [...transfers.value, transfer]
  startedTransfer.value = id
  void runHere(transfer)
  forgetOldest()
}

export const newId = (): string => crypto.randomUUID()

/** What has been stored stays. */
export const pause = ({ id }: Transfer): void => sendCommand(id, 'pause')

/** Also tries again after a failure. */
export const resume = (transfer: Transfer): void => void runHere(transfer)

/** Removes what only this transfer has stored. */
export async function cancel(transfer: Transfer): Promise<void> {
  if (isActive(transfer.phase.peek())) return sendCommand(transfer.id, 'cancel')
  await withTransferLock(transfer.id, async () => {
    transfer.phase.value = { is: 'cancelled', at: Date.now() }
    await cleanUp(transfer)
    await publish(transfer)
  })
}

/** Removes ended transfers from the list. */
export async function dismiss(ended: readonly Transfer[]): Promise<void> {
  const ids = ended.filter(({ phase }) => hasEnded(phase.peek())).map(({ id }) => id)
  remove(ids)
  postToTabs({ is: 'removed', ids })
  await deleteRecords(ids).catch(() => {})
}

/** Shows and resumes the transfers of earlier pages. Has to be called once. */
export function restoreTransfers(): void {
  onTabMessage(onMessage)
  addEventListener('pagehide', abandonAll)
  addEventListener('pageshow', ({ persisted }) => persisted && restore())
  restore()
}

async function restore(): Promise<void> {
  const records = await readRecords().catch(() => [])
  for (const record of records.sort((one, other) => one.createdAt - other.createdAt)) update(record)
  for (const transfer of transfers.peek()) await updateNeeds(transfer)
}

/** What a paused transfer needs may have changed: the page that had its file open may be gone. */
async function updateNeeds(transfer: Transfer): Promise<void> {
  const { phase } = transfer
  if (phase.peek().is !== 'paused') return
  const needs = await needsOf(transfer)
  const now = phase.peek()
  if (now.is === 'paused') phase.value = { ...now, needs }
}

function sendCommand(id: string, what: 'pause' | 'cancel'): void {
  if (!abortHere(id, what)) postToTabs({ is: 'order', id, order: what })
}

function onMessage(message: Message): void {
  if (message.is === 'record') {
    update(message.record)
    if (hasEnded(message.record.phase)) invalidate()
  } else if (message.is === 'removed') remove(message.ids)
  else abortHere(message.id, message.order)
}

function update(record: TransferRecord): void {
  if (!(record.kind in KINDS)) return // from a newer version of the page
  const known = transfers.peek().find(({ id }) => id === record.id)
  const transfer = known ?? transferOf(record)
  batch(() => {
    transfer.task.value = record.task
    transfer.phase.value = record.phase
    transfer.progress.value = record.progress
    transfer.remarks.value = record.remarks
    if (!known) transfers.value = [...transfers.peek(), transfer]
  })
  if (isActive(record.phase)) takeOverWhenFree(transfer)
}

function remove(ids: readonly string[]): void {
  transfers.value = transfers.peek().filter(({ id }) => !ids.includes(id))
}

function forgetOldest(): void {
  const ended = transfers.peek().filter(({ phase }) => hasEnded(phase.peek()))
  if (ended.length > MAX_ENDED) void dismiss(ended.slice(0, -MAX_ENDED))
}
