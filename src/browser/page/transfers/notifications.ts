/** A word from the system when a long transfer ends while its user looks elsewhere; only for who has asked for it. */
import { signal } from '@preact/signals'
import type { Phase, Transfer } from './transfer.ts'

/** Milliseconds. */
const LONG = 10_000

/** `undefined` where the browser has none, or does not let this page. */
export const notifying = signal(permission())

/** To be called by a click. */
export async function askToNotify(): Promise<void> {
  await Notification.requestPermission()
  notifying.value = permission()
}

/** @param startedAt - as `Date.now()` told it */
export function notifyOfEnd({ id, title, phase }: Transfer, startedAt: number): void {
  if (!document.hidden || notifying.peek() !== 'granted' || Date.now() - startedAt < LONG) return
  const word = WORDS[phase.peek().is]
  if (word) show(`${word}: ${title}`, { tag: id, icon: '/icon-192.png' })
}

const WORDS: Partial<Record<Phase['is'], string>> = { done: 'Done', failed: 'Failed' }

/** On Android only the service worker's registration may. */
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
