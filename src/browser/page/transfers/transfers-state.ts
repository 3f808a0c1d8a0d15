/** The transfers of this browser: imports, pulls and pushes, running, waiting and ended; the same list in every tab. */
import { batch, signal } from '@preact/signals'
import { tellChange } from '../changes-state.ts'
import { hearTabs, inHand, type Message, publish, tellTabs } from './between-tabs.ts'
import { KINDS } from './kinds.ts'
import { deleteRecords, readRecords, type TransferRecord, transferOf } from './records.ts'
import { cleanUp, letGoOfAll, needsOf, order, runHere, watch } from './run.ts'
import { hasEnded, isActive, type Kind, NO_PROGRESS, type Tasks, type Transfer } from './transfer.ts'

/** Of those that have ended: the latest. */
const MAX_ENDED = 100

/** In the order in which they were started. */
export const transfers = signal<readonly Transfer[]>([])

/** The one that its user has just started, to be shown and to take the focus. */
export const wanted = signal<string | undefined>(undefined)

/** Puts a transfer at the end of the line; its user is led to it. */
export function startTransfer<K extends Kind>(kind: K, title: string, task: Tasks[K], id = newId()): void {
  const fixed = { id, kind, title, task, createdAt: Date.now() }
  const transfer = transferOf({ ...fixed, phase: { is: 'waiting' }, progress: NO_PROGRESS, remarks: [] })
  transfers.value = [...transfers.value, transfer]
  wanted.value = id
  void runHere(transfer)
  forgetOldest()
}

export const newId = (): string => crypto.randomUUID()

/** What has come stays, and is not brought again. */
export const pause = ({ id }: Transfer): void => tell(id, 'pause')

/** Also after a failure. */
export const resume = (transfer: Transfer): void => void runHere(transfer)

/** What only this transfer brought is removed. */
export async function cancel(transfer: Transfer): Promise<void> {
  if (isActive(transfer.phase.peek())) return tell(transfer.id, 'cancel')
  await inHand(transfer.id, async () => {
    transfer.phase.value = { is: 'cancelled', at: Date.now() }
    await cleanUp(transfer)
    await publish(transfer)
  })
}

/** Takes those that have ended off the list. */
export async function dismiss(ended: readonly Transfer[]): Promise<void> {
  const ids = ended.filter(({ phase }) => hasEnded(phase.peek())).map(({ id }) => id)
  remove(ids)
  tellTabs({ is: 'removed', ids })
  await deleteRecords(ids).catch(() => {})
}

/** Shows what was there before this page was loaded, and goes on with it; to be called once. */
export function restoreTransfers(): void {
  hearTabs(hear)
  addEventListener('pagehide', letGoOfAll)
  addEventListener('pageshow', ({ persisted }) => persisted && restore())
  restore()
}

async function restore(): Promise<void> {
  const records = await readRecords().catch(() => [])
  for (const record of records.sort((one, other) => one.createdAt - other.createdAt)) update(record)
  for (const transfer of transfers.peek()) await askNeeds(transfer)
}

/** What it needs may have changed: the file that a page had open is gone with it. */
async function askNeeds(transfer: Transfer): Promise<void> {
  const { phase } = transfer
  if (phase.peek().is !== 'paused') return
  const needs = await needsOf(transfer)
  const now = phase.peek()
  if (now.is === 'paused') phase.value = { ...now, needs }
}

function tell(id: string, what: 'pause' | 'cancel'): void {
  if (!order(id, what)) tellTabs({ is: 'order', id, order: what })
}

function hear(message: Message): void {
  if (message.is === 'record') {
    update(message.record)
    if (hasEnded(message.record.phase)) tellChange()
  } else if (message.is === 'removed') remove(message.ids)
  else order(message.id, message.order)
}

function update(record: TransferRecord): void {
  if (!(record.kind in KINDS)) return // of a newer page
  const known = transfers.peek().find(({ id }) => id === record.id)
  const transfer = known ?? transferOf(record)
  batch(() => {
    transfer.task.value = record.task
    transfer.phase.value = record.phase
    transfer.progress.value = record.progress
    transfer.remarks.value = record.remarks
    if (!known) transfers.value = [...transfers.peek(), transfer]
  })
  if (isActive(record.phase)) watch(transfer)
}

function remove(ids: readonly string[]): void {
  transfers.value = transfers.peek().filter(({ id }) => !ids.includes(id))
}

function forgetOldest(): void {
  const ended = transfers.peek().filter(({ phase }) => hasEnded(phase.peek()))
  if (ended.length > MAX_ENDED) void dismiss(ended.slice(0, -MAX_ENDED))
}
