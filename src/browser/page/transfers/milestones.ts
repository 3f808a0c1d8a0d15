/** Says to those who listen how far a transfer is: at its start, and at each quarter that does not follow at once. */
import { effect } from '@preact/signals'
import { announce } from '../parts/announcement.tsx'
import { KINDS } from './kinds.ts'
import type { Transfer } from './transfer.ts'

/** Milliseconds from one word to the next. */
const APART = 3000

/** @returns ends it */
export function announceProgress({ kind, title, progress }: Transfer): () => void {
  const { doing } = KINDS[kind]
  announce(`${doing} ${title}`)
  let saidAt = Date.now()
  let said = 0
  return effect(() => {
    const { done, total } = progress.value
    const quarter = total ? Math.min(3, Math.floor((4 * done) / total)) : 0
    if (quarter <= said || Date.now() - saidAt < APART) return
    said = quarter
    saidAt = Date.now()
    announce(`${doing} ${title}: ${25 * quarter} %`)
  })
}
