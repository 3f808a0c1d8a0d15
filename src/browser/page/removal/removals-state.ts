/**
 * What was deleted and can still be undone: it is hidden at once, and deleted when its time is over, or when the page is
 * left. So nothing has to be brought back, which for an image that nobody else has could not be done.
 */
import { signal } from '@preact/signals'
import { tellChange } from '../changes-state.ts'
import { isTyping } from '../lists/search-field.tsx'
import { announce } from '../parts/announcement.tsx'
import { removeImages, removeOnLeaving, type Unwanted } from '../requests/removal.ts'

export interface Removal extends Unwanted {
  readonly id: number
  /** What goes, as its user calls it: `corpus/busybox:1`, `3 tags of corpus/busybox`. */
  readonly title: string
  /** `done` stays hidden until the lists have been read again. */
  readonly state: 'waiting' | 'sending' | 'done' | 'failed'
  readonly failure?: unknown
}

/** Milliseconds for thinking again. */
export const TIME_TO_UNDO = 10_000

/** Milliseconds in which the lists are read again. */
const READING = 2000

export const removals = signal<readonly Removal[]>([])

const timers = new Map<number, ReturnType<typeof setTimeout>>()
let count = 0

export function remove(unwanted: Unwanted, title: string): void {
  const removal: Removal = { ...unwanted, id: ++count, title, state: 'waiting' }
  removals.value = [...removals.value, removal]
  resume(removal.id)
  announce(`Deleted ${title}. To undo it, press Control and Z within ten seconds.`)
}

export function undo(id: number): void {
  const removal = waiting().find((removal) => removal.id === id)
  if (!removal) return
  pause(id)
  drop(id)
  announce(`Not deleted: ${removal.title}`)
}

/** The time does not run while somebody reads or aims. */
export const pause = (id: number): void => clearTimeout(timers.get(id))

export function resume(id: number): void {
  pause(id)
  timers.set(
    id,
    setTimeout(() => send(id), TIME_TO_UNDO),
  )
}

export const drop = (id: number): void => {
  removals.value = removals.value.filter((removal) => removal.id !== id)
}

/** Whether a row is hidden: it goes by its tag, by its image, or with its repository. */
export const isGoing = (repository: string, tag: string | undefined, digest?: string): boolean =>
  removals.value.some(
    (removal) =>
      removal.repository === repository &&
      removal.state !== 'failed' &&
      (removal.isWhole ||
        (tag !== undefined && removal.tags.includes(tag)) ||
        (digest !== undefined && removal.digests.includes(digest))),
  )

export const isRepositoryGoing = (repository: string): boolean =>
  removals.value.some(
    (removal) => removal.repository === repository && removal.isWhole && removal.state !== 'failed',
  )

const waiting = () => removals.value.filter(({ state }) => state === 'waiting')

const change = (id: number, changed: Partial<Removal>): void => {
  removals.value = removals.value.map((removal) => (removal.id === id ? { ...removal, ...changed } : removal))
}

async function send(id: number): Promise<void> {
  const removal = waiting().find((removal) => removal.id === id)
  if (!removal) return
  change(id, { state: 'sending' })
  try {
    await removeImages(removal)
    change(id, { state: 'done' })
    setTimeout(() => drop(id), READING)
  } catch (failure) {
    change(id, { state: 'failed', failure })
    announce(`It could not be deleted: ${removal.title}`)
  }
  tellChange()
}

function sendAllNow(): void {
  for (const removal of waiting()) {
    pause(removal.id)
    drop(removal.id)
    removeOnLeaving(removal)
  }
}

function undoByKey(event: KeyboardEvent): void {
  const last = waiting().at(-1)
  const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey
  if (!last || !isUndo || isTyping(event.target)) return
  event.preventDefault()
  undo(last.id)
}

addEventListener('pagehide', sendAllNow)
document.addEventListener('keydown', undoByKey)
