/** System notifications when a long transfer ends in a hidden page, if the user wants them; and announcements. */
import { effect, signal } from '@preact/signals'
import { announce } from '../components/announcement.tsx'
import { KINDS } from './kinds.ts'
import type { Phase, Transfer } from './transfer.ts'

/** Milliseconds. */
const LONG_MS = 10_000

/** `undefined` if notifications are not available. */
export const notifying = signal(permission())

/** Has to be called by a click. */
export async function askToNotify(): Promise<void> {
  await Notification.requestPermission()
  notifying.value = permission()
}

/** @param startedAt - milliseconds since 1970 */
export function notifyOfEnd({ id, title, phase }: Transfer, startedAt: number): void {
  if (!document.hidden || notifying.peek() !== 'granted' || Date.now() - startedAt < LONG_MS) return
  const text = END_TEXTS[phase.peek().is]
  if (text) show(`${text}: ${title}`, { tag: id, icon: '/icon-192.png' })
}

const END_TEXTS: Partial<Record<Phase['is'], string>> = { done: 'Done', failed: 'Failed' }

/** Android only supports notifications of a service worker's registration. */
function show(title: string, options: NotificationOptions): void {
  try {
    const notification = new Notification(title, options)
    notification.onclick = () => {
      focus()
      notification.close()
    }
  } catch {
    void navigator.serviceWorker.ready.then((registration) => registration.showNotification(title, options))
  }
}

function permission(): NotificationPermission | undefined {
  return globalThis.isSecureContext && 'Notification' in globalThis ? Notification.permission : undefined
}

/** Milliseconds between two announcements. */
const MIN_INTERVAL_MS = 3000

/** @returns stops it */
export function announceProgress({ kind, title, progress }: Transfer): () => void {
  const { doing } = KINDS[kind]
  announce(`${doing} ${title}`)
  let announcedAt = Date.now()
  let announced = 0
  return effect(() => {
    const { done, total } = progress.value
    const quarter = total ? Math.min(3, Math.floor((4 * done) / total)) : 0
    if (quarter <= announced || Date.now() - announcedAt < MIN_INTERVAL_MS) return
    announced = quarter
    announcedAt = Date.now()
    announce(`${doing} ${title}: ${25 * quarter} %`)
  })
}
