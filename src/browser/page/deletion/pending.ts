/**
 * Deletions that can still be undone. They are hidden at once, but deleted only after a while, or when the page is left:
 * an image that nobody else has could not be restored.
 */
import { signal } from '@preact/signals'
import { announce } from '../components/announcement.tsx'
import { isTyping } from '../components/search-field.tsx'
import { type DeletionRequest, deleteImages, deleteOnUnload } from '../requests/deletion.ts'
import { invalidate } from '../requests/use-query.ts'

export interface Deletion extends DeletionRequest {
  readonly id: number
  /** What is deleted: `corpus/busybox:1`, `3 tags of corpus/busybox`. */
  readonly title: string
  /** What is `done` stays hidden until the lists have been read again. */
  readonly state: 'waiting' | 'sending' | 'done' | 'failed'
  readonly failure?: unknown
}

/** Milliseconds in which a deletion can be undone. */
export const UNDO_MS = 10_000

/** Milliseconds after which the lists have been read again. */
const RELOAD_MS = 2000

export const deletions = signal<readonly Deletion[]>([])

const timers = new Map<number, ReturnType<typeof setTimeout>>()
let count = 0

export function deleteLater(request: DeletionRequest, title: string): void {
  const deletion: Deletion = { ...request, id: ++count, title, state: 'waiting' }
  deletions.value = [...deletions.value, deletion]
  resume(deletion.id)
  announce(`Deleted ${title}. To undo it, press Control and Z within ten seconds.`)
}

export function undo(id: number): void {
  const deletion = pending().find((deletion) => deletion.id === id)
  if (!deletion) return
  pause(id)
  forget(id)
  announce(`Not deleted: ${deletion.title}`)
}

/** Stops the clock while the user points at the notice or has its focus. */
export const pause = (id: number): void => clearTimeout(timers.get(id))

export function resume(id: number): void {
  pause(id)
  timers.set(
    id,
    setTimeout(() => send(id), UNDO_MS),
  )
}

export const forget = (id: number): void => {
  deletions.value = deletions.value.filter((deletion) => deletion.id !== id)
}

/** Whether a row is hidden because its tag, image or repository is being deleted. */
export const isDeleted = (repository: string, tag: string | undefined, digest?: string): boolean =>
  deletions.value.some(
    (deletion) =>
      deletion.repository === repository &&
      deletion.state !== 'failed' &&
      (deletion.isWhole ||
        (tag !== undefined && deletion.tags.includes(tag)) ||
        (digest !== undefined && deletion.digests.includes(digest))),
  )

export const isRepositoryDeleted = (repository: string): boolean =>
  deletions.value.some(
    (deletion) => deletion.repository === repository && deletion.isWhole && deletion.state !== 'failed',
  )

const pending = () => deletions.value.filter(({ state }) => state === 'waiting')

const change = (id: number, changed: Partial<Deletion>): void => {
  deletions.value = deletions.value.map((deletion) =>
    deletion.id === id ? { ...deletion, ...changed } : deletion,
  )
}

async function send(id: number): Promise<void> {
  const deletion = pending().find((deletion) => deletion.id === id)
  if (!deletion) return
  change(id, { state: 'sending' })
  try {
    await deleteImages(deletion)
    change(id, { state: 'done' })
    setTimeout(() => forget(id), RELOAD_MS)
  } catch (failure) {
    change(id, { state: 'failed', failure })
    announce(`It could not be deleted: ${deletion.title}`)
  }
  invalidate()
}

function sendAllNow(): void {
  for (const deletion of pending()) {
    pause(deletion.id)
    forget(deletion.id)
    deleteOnUnload(deletion)
  }
}

function undoByKey(event: KeyboardEvent): void {
  const last = pending().at(-1)
  const isUndo = event.key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey) && !event.shiftKey
  if (!last || !isUndo || isTyping(event.target)) return
  event.preventDefault()
  undo(last.id)
}

addEventListener('pagehide', sendAllNow)
document.addEventListener('keydown', undoByKey)
