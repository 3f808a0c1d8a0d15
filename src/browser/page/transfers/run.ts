/** Has transfers in hand: each waits for its turn, runs, and ends, is paused or cancelled; whatever stops it, its record is right. */

import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { failureText } from '../parts/failure-text.ts'
import { keepAwake } from '../registry.ts'
import { inHand, type Order, publish, publishChanges } from './between-tabs.ts'
import { loadWork } from './kinds.ts'
import { announceProgress } from './milestones.ts'
import { NeedsUser } from './needs-user.ts'
import { notifyOfEnd } from './notifications.ts'
import { readRecord } from './records.ts'
import { isActive, type Need, type Phase, type Transfer } from './transfer.ts'
import { takeTurn } from './turn.ts'

/** Milliseconds. */
const WAKING = 20_000

/** What this tab has in hand. */
const running = new Map<string, AbortController>()

/** Those whose other tab is waited for. */
const watched = new Set<string>()

/** Nothing happens where another tab has it in hand. */
export const runHere = (transfer: Transfer): Promise<void> => inHand(transfer.id, () => run(transfer))

/** `false` where this tab does not have it in hand. */
export function order(id: string, what: Order): boolean {
  const aborting = running.get(id)
  aborting?.abort(what)
  return aborting !== undefined
}

/** The tab is left: whoever comes next goes on. */
export function letGoOfAll(): void {
  for (const aborting of running.values()) aborting.abort('leave')
}

/** When the tab that has it in hand goes before its end, this one goes on, or asks its user for what that needs. */
export function watch(transfer: Transfer): void {
  const { id } = transfer
  if (watched.has(id) || running.has(id)) return
  watched.add(id)
  void inHand(id, () => takeOver(transfer), { whenFree: true }).finally(() => watched.delete(id))
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
  tellChange()
}

/** @returns to be called at the end */
function begin(transfer: Transfer, aborting: AbortController): () => Promise<void> {
  const { id, phase } = transfer
  running.set(id, aborting)
  addEventListener('beforeunload', askToStay)
  phase.value = { is: 'waiting' }
  const endPublishing = publishChanges(transfer)
  const waking = setInterval(keepAwake, WAKING)
  return async () => {
    clearInterval(waking)
    running.delete(id)
    if (running.size === 0) removeEventListener('beforeunload', askToStay)
    await endPublishing()
  }
}

/** The browser asks whether the page is to be left, in its own words. */
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
  const turn = await takeTurn(signal)
  const endAnnouncing = announceProgress(transfer)
  try {
    transfer.phase.value = { is: 'running' }
    const images = await work.run(transfer, signal, turn)
    return { is: 'done', images, at: Date.now() }
  } finally {
    endAnnouncing()
    turn.leave()
  }
}

function phaseAfter(error: unknown, { aborted, reason }: AbortSignal, phase: Phase): Phase {
  const at = Date.now()
  if (aborted && reason === 'leave') return phase
  if (aborted && reason === 'pause') return { is: 'paused', by: 'user', needs: 'nothing' }
  if (aborted) return { is: 'cancelled', at }
  if (error instanceof NeedsUser) return { is: 'paused', by: 'interruption', needs: error.need }
  return { is: 'failed', failure: failureText(error), at }
}

/** What only this transfer brought goes at once; whatever cannot, goes with the next eviction. */
export async function cleanUp(transfer: Transfer): Promise<void> {
  const { undo } = await loadWork(transfer)
  await undo?.(transfer).catch(() => {})
}
