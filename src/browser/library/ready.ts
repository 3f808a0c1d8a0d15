/** Waits for the service worker, which answers for a page only when it is in charge of it. */
import { TAKE_CHARGE } from '../worker-messages.ts'

/**
 * Resolves once `/v2/` is the registry of this browser, on a first visit too. To be awaited before any request: without the
 * worker the server's own registry would answer. A worker of your own must not lie in between.
 *
 * @throws Error where this browser, or this address, has no service workers: they need HTTPS, or localhost
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

/** A worker of the page has whatever its page has: that is to be ready before it starts the worker. */
function inWorker(): void {
  if ('WorkerGlobalScope' in globalThis) return
  throw new Error('This page has no registry: service workers need HTTPS, or localhost.')
}
