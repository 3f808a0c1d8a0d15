/**
 * How versions of the worker follow each other. The first one takes charge of open pages at once. A later one waits
 * until a page tells it to take over, and then until the one in charge has finished its requests.
 */
import { TAKE_CHARGE, TAKE_OVER } from '../worker-messages.ts'
import type { Exclusive } from './exclusive.ts'

/** Browsers stop a worker whose event lasts for five minutes. */
export const LONGEST_EVENT = 4 * 60_000

export function followLifeCycle(
  worker: ServiceWorkerGlobalScope,
  store: Pick<Exclusive<never>, 'whileClosed'>,
): void {
  async function takeOver(): Promise<void> {
    let activated: Promise<void> | undefined
    const activate = async () => {
      activated = worker.skipWaiting()
    }
    await store.whileClosed(activate, AbortSignal.timeout(LONGEST_EVENT))
    await activated // apart, as it waits for requests to the old one, which may want the store again
  }

  worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()))
  worker.addEventListener('message', (event) => {
    if (event.data === TAKE_OVER) event.waitUntil(takeOver().catch(() => {})) // the page may ask again
    if (event.data === TAKE_CHARGE) event.waitUntil(worker.clients.claim())
  })
}
