/** Runs transfers in this tab: each waits for its slot, runs, and is done, failed, paused or cancelled, as its record says. */

import { announce } from '../components/announcement.tsx'
import { failureText } from '../components/failure-text.ts'
import { keepAwake } from '../registry.ts'
import { invalidate } from '../requests/use-query.ts'
import { publish, publishChanges, type TransferCommand, withTransferLock } from './between-tabs.ts'
import { loadWork } from './kinds.ts'
import { announceProgress, notifyOfEnd } from './notifications.ts'
import { readRecord } from './records.ts'
import { acquireSlot } from './slot.ts'
import { isActive, type Need, NeedsUserError, type Phase, type Transfer } from './transfer.ts'

/** Milliseconds. */
const KEEP_AWAKE_MS = 20_000

/** Transfers that this tab runs. */
const running = new Map<string, AbortController>()

/** Transfers of other tabs that this tab takes over when those are closed. */
const watched = new Set<string>()

/** Does nothing if another tab runs it. */
export const runHere = (transfer: Transfer): Promise<void> =>
  withTransferLock(transfer.id, () => run(transfer))

/** `false` if this tab does not run it. */
export function abortHere(id: string, what: TransferCommand): boolean {
  const aborting = running.get(id)
  aborting?.abort(what)
  return aborting !== undefined
}

/** The page is being left: another tab or the next page takes over. */
export function abandonAll(): void {
  for (const aborting of running.values()) aborting.abort('leave')
}

/** When the tab that runs it is closed, this one resumes it, or asks the user for what that needs. */
export function takeOverWhenFree(transfer: Transfer): void {
  const { id } = transfer
  if (watched.has(id) || running.has(id)) return
  watched.add(id)
  void withTransferLock(id, () => takeOver(transfer), { whenFree: true }).finally(() => watched.delete(id))
}

async function takeOver(transfer: Transfer): Promise<void> {
  const record = await readRecord(transfer.id)
  if (!record || !isActive(record.phase)) return
  const needs = await needsOf(transfer)
  if (needs === 'nothing') return await run(transfer)
  transfer.phase.value = { is: 'paused', by: 'interruption', needs }
  await publish(transfer)
}

export const needsOf = async (transfer: Transfer): Promise<Need> => (await loadWork(transfer)).needs(transfer)

async function run(transfer: Transfer): Promise<void> {
  const aborting = new AbortController()
  const startedAt = Date.now()
  const end = begin(transfer, aborting)
  try {
    transfer.phase.value = await runInTurn(transfer, aborting.signal)
  } catch (error) {
    transfer.phase.value = phaseAfter(error, aborting.signal, transfer.phase.peek())
    if (transfer.phase.peek().is === 'cancelled') await cleanUp(transfer)
  }
  await end()
  announceEnd(transfer)
  notifyOfEnd(transfer, startedAt)
  invalidate()
}

/** @returns has to be called at the end */
function begin(transfer: Transfer, aborting: AbortController): () => Promise<void> {
  const { id, phase } = transfer
  running.set(id, aborting)
  addEventListener('beforeunload', askToStay)
  phase.value = { is: 'waiting' }
  const endPublishing = publishChanges(transfer)
  const waking = setInterval(keepAwake, KEEP_AWAKE_MS)
  return async () => {
    clearInterval(waking)
    running.delete(id)
    if (running.size === 0) removeEventListener('beforeunload', askToStay)
    await endPublishing()
  }
}

/** Makes the browser ask whether to leave the page. */
const askToStay = (event: BeforeUnloadEvent): void => event.preventDefault()

const ENDS: Partial<Record<Phase['is'], string>> = {
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  paused: 'Paused',
}

function announceEnd({ phase, title }: Transfer): void {
  const end = ENDS[phase.peek().is]
  if (end) announce(`${end}: ${title}`)
}

async function runInTurn(transfer: Transfer, signal: AbortSignal): Promise<Phase> {
  const work = await loadWork(transfer)
  const slot = await acquireSlot(signal)
  const endAnnouncing = announceProgress(transfer)
  try {
    transfer.phase.value = { is: 'running' }
    const images = await work.run(transfer, signal, slot)
    return { is: 'done', images, at: Date.now() }
  } finally {
    endAnnouncing()
    slot.release()
  }
}

function phaseAfter(error: unknown, { aborted, reason }: AbortSignal, phase: Phase): Phase {
  const at = Date.now()
  if (aborted && reason === 'leave') return phase
  if (aborted && reason === 'pause') return { is: 'paused', by: 'user', needs: 'nothing' }
  if (aborted) return { is: 'cancelled', at }
  if (error instanceof NeedsUserError) return { is: 'paused', by: 'interruption', needs: error.need }
  return { is: 'failed', failure: failureText(error), at }
}

/** Deletes what only this transfer has stored; what cannot be deleted now goes with the next eviction. */
export async function cleanUp(transfer: Transfer): Promise<void> {
  const { undo } = await loadWork(transfer)
  await undo?.(transfer).catch(() => {})
}
