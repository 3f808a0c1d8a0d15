/** Makes this tab a candidate for leading. The page loads and calls this once it is drawn. */
import { readSettings, watchSettings } from '../settings.ts'
import { toTabSchema } from '../tab-protocol.ts'
import { createCandidacy } from './election.ts'
import { lead } from './lead.ts'

/** A service worker starts and responds within this time. */
const WORKER_TIMEOUT_MS = 10_000

/** The tab is a candidate from when a service worker controls the page, and for as long as the page is shown. */
export function startTab(): void {
  const { serviceWorker } = navigator
  const openPeer = async (onChange: () => void) => (await import('./peer.ts')).openTabPeer(onChange)
  const deps = { worker: serviceWorker, settings: readSettings, watchSettings, openPeer }
  const candidacy = createCandidacy({ whoAmI, lead: (signal) => lead({ ...deps, signal }) })

  serviceWorker.addEventListener('message', ({ data }) => {
    const message = toTabSchema.safeParse(data).data
    if (message?.type === 'depose') void candidacy.depose(message.leader)
  })
  serviceWorker.startMessages()
  // A page in the back/forward cache would keep its locks.
  addEventListener('pagehide', () => candidacy.withdraw())
  addEventListener('pageshow', ({ persisted }) => persisted && candidacy.stand())
}

async function whoAmI(): Promise<string> {
  await controlled()
  const response = await fetch('/flotilla/whoami', { signal: AbortSignal.timeout(WORKER_TIMEOUT_MS) })
  const { id } = (await response.json()) as { id: unknown }
  if (!response.ok || typeof id !== 'string' || id === '')
    throw new Error('the service worker does not answer')
  return id
}

function controlled(): Promise<void> {
  const { serviceWorker } = navigator
  return new Promise((resolve) => {
    if (serviceWorker.controller) resolve()
    serviceWorker.addEventListener('controllerchange', () => resolve(), { once: true })
  })
}
