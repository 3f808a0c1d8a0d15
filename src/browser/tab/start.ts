/** Makes this tab one that may lead. For the page to load and call once it is drawn. */
import { readSettings, watchSettings } from '../settings.ts'
import { toTabSchema } from '../tab-protocol.ts'
import { createCandidacy } from './election.ts'
import { lead } from './lead.ts'

/** Milliseconds in which a service worker starts and answers. */
const TIMEOUT = 10_000

/** Stands for the lead as soon as a service worker controls this page, and for as long as it is shown. */
export function startTab(): void {
  const { serviceWorker } = navigator
  const openPeer = async (onChange: () => void) => (await import('./peer.ts')).openTabPeer(onChange)
  const parts = { worker: serviceWorker, settings: readSettings, watchSettings, openPeer }
  const candidacy = createCandidacy({ whoAmI, lead: (signal) => lead({ ...parts, signal }) })

  serviceWorker.addEventListener('message', ({ data }) => {
    const message = toTabSchema.safeParse(data).data
    if (message?.type === 'depose') void candidacy.depose(message.leader)
  })
  serviceWorker.startMessages()
  // A page that is kept to come back to would keep its locks as well.
  addEventListener('pagehide', () => candidacy.withdraw())
  addEventListener('pageshow', ({ persisted }) => persisted && candidacy.stand())
}

async function whoAmI(): Promise<string> {
  await controlled()
  const response = await fetch('/flotilla/whoami', { signal: AbortSignal.timeout(TIMEOUT) })
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
