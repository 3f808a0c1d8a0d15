/**
 * How one version of the worker replaces another. The first one takes charge of open pages at once. A later one waits
 * until a page tells it to take over, and then until the active one has finished its requests.
 */
import { TAKE_CHARGE, TAKE_OVER } from '../worker-messages.ts'
import type { Exclusive } from './exclusive.ts'

/** Browsers stop a worker whose event lasts for five minutes. */
export const MAX_EVENT_MS = 4 * 60_000

export function followUpdates(
  worker: ServiceWorkerGlobalScope,
  store: Pick<Exclusive<never>, 'runWhileClosed'>,
): void {
  async function takeOver(): Promise<void> {
    let activated: Promise<void> | undefined
    const activate = async () => {
      activated = worker.skipWaiting()
    }
    await store.runWhileClosed(activate, AbortSignal.timeout(MAX_EVENT_MS))
    // Awaited after the lock is free: it waits for requests to the active worker, which may need the store for them.
    await activated
  }

  worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
  worker.addEventListener('message', (event) => {
    if (event.data === TAKE_OVER) event.waitUntil(takeOver().catch(() => {})) // the page may ask again
    if (event.data === TAKE_CHARGE) event.waitUntil(worker.clients.claim())
  })
}
