/**
 * The registry in this browser is its service worker. A page that is not yet controlled waits: its requests must never
 * reach the server's own `/v2/` by mistake.
 */
import { signal } from '@preact/signals'
import { STAY_AWAKE, TAKE_CHARGE, TAKE_OVER } from '../service-worker/messages.ts'
import { serviceWorkerUrl } from './trusted-script.ts'

/** `unsupported` where the browser has no service workers, or hides them: over plain HTTP, in some private windows. */
export type RegistryState = 'starting' | 'ready' | 'unsupported' | 'failed'

export const registryState = signal<RegistryState>('starting')

/** The new version that waits to take over. */
export const waitingVersion = signal<ServiceWorker | undefined>(undefined)

let controlled: Promise<void> | undefined

/** Resolves once the service worker answers for this page; never where there cannot be one. */
export const ready = (): Promise<void> => {
  controlled ??= start()
  return controlled
}

/** Lets the new version take over once the transfers of this one have ended, then shows its page. */
export const update = (): void => {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waitingVersion.value?.postMessage(TAKE_OVER)
}

/** A worker without events is stopped after half a minute, whatever it has under way. */
export const keepAwake = (): void => navigator.serviceWorker.controller?.postMessage(STAY_AWAKE)

async function start(): Promise<void> {
  const { serviceWorker } = navigator
  if (!serviceWorker) {
    registryState.value = 'unsupported'
    return await new Promise<never>(() => {})
  }
  try {
    const options = { scope: '/', updateViaCache: 'none' } as const
    watchVersions(await serviceWorker.register(serviceWorkerUrl(), options))
  } catch (error) {
    registryState.value = 'failed'
    throw error
  }
  const { active } = await serviceWorker.ready
  if (!serviceWorker.controller) {
    const change = new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve))
    active?.postMessage(TAKE_CHARGE)
    await change
  }
  registryState.value = 'ready'
}

function watchVersions(registration: ServiceWorkerRegistration): void {
  const look = () => {
    waitingVersion.value = (registration.active && registration.waiting) ?? undefined
  }
  look()
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', look),
  )
}
