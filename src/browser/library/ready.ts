/** Waits for the service worker, which handles only the requests of pages that it controls. */
import { TAKE_CHARGE } from '../worker-messages.ts'

/**
 * Resolves once `/v2/` is the registry of this browser, also on a first visit. Await it before any request: without the
 * worker, the server's own registry would respond. Your page must not have a service worker of its own.
 *
 * @throws Error if this browser or address has no service workers: they need HTTPS or localhost
 */
export async function ready(): Promise<void> {
  if (!('serviceWorker' in navigator)) return inWorker()
  const { serviceWorker } = navigator
  if (serviceWorker.controller) return
  if (!(await serviceWorker.getRegistration())?.active)
    await serviceWorker.register('/sw.js', { scope: '/', updateViaCache: 'none' })
  const { active } = await serviceWorker.ready
  if (serviceWorker.controller) return
  const change = new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve))
  active?.postMessage(TAKE_CHARGE)
  await change
}

/** A web worker shares the registry of its page, which must be ready before it starts the worker. */
function inWorker(): void {
  if ('WorkerGlobalScope' in globalThis) return
  throw new Error('This page has no registry, because service workers need HTTPS or localhost.')
}
