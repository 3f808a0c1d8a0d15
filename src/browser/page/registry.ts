/**
 * The registry in this browser is its service worker. A page that it does not control yet waits, because its requests
 * must not reach the server's own `/v2/`.
 *
 * `workbox-window` is not used: it would replace only `watchVersions`, and its `register()` waits for the load event and
 * checks for an update on each visit, while a controlled page here neither waits nor registers again.
 */
import { signal } from '@preact/signals'
import { STAY_AWAKE, TAKE_CHARGE, TAKE_OVER } from '../worker-messages.ts'
import {
  checkBrowser,
  checkStorage,
  problemIn,
  problemOfRegistration,
  type StartupProblem,
} from './startup-problem.ts'
import { serviceWorkerUrl } from './trusted-script.ts'

/** `failed` is final: `startupProblem` says why. */
export type RegistryState = 'starting' | 'ready' | 'failed'

export const registryState = signal<RegistryState>('starting')

export const startupProblem = signal<StartupProblem | undefined>(undefined)

/** A new version of the service worker that waits to take over. */
export const waitingVersion = signal<ServiceWorker | undefined>(undefined)

let controlled: Promise<void> | undefined

/** Resolves once the service worker controls this page; never if it cannot run. */
export const ready = (): Promise<void> => {
  controlled ??= start()
  return controlled
}

/** Lets the new version take over once the current one's transfers have ended, then reloads the page. */
export const update = (): void => {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waitingVersion.value?.postMessage(TAKE_OVER)
}

/** Browsers stop a worker that gets no events for half a minute, whatever it is doing. */
export const keepAwake = (): void => navigator.serviceWorker.controller?.postMessage(STAY_AWAKE)

async function start(): Promise<void> {
  const found = checkBrowser()
  if (found) return await fail(found)
  // Not awaited: the browser may check for an update first, which can take seconds.
  if (navigator.serviceWorker.controller) void watchStart()
  else await takeControl()
  registryState.value = 'ready'
}

async function watchStart(): Promise<void> {
  navigator.serviceWorker.getRegistration().then(watchVersions, () => {})
  const found = await checkStorage()
  if (found) await fail(found)
}

/** Lets the worker control this page, which was loaded without it (a hard reload or a first visit). */
async function takeControl(): Promise<void> {
  const { serviceWorker } = navigator
  const found = await checkStorage()
  if (found) return await fail(found)
  const registration = (await activeRegistration()) ?? (await register())
  watchVersions(registration)
  const { active } = await serviceWorker.ready
  if (serviceWorker.controller) return
  const change = new Promise((resolve) => serviceWorker.addEventListener('controllerchange', resolve))
  active?.postMessage(TAKE_CHARGE)
  await change
}

async function activeRegistration(): Promise<ServiceWorkerRegistration | undefined> {
  const registration = await navigator.serviceWorker.getRegistration()
  return registration?.active ? registration : undefined
}

async function register(): Promise<ServiceWorkerRegistration> {
  const options = { scope: '/', updateViaCache: 'none' } as const
  const registering = navigator.serviceWorker.register(serviceWorkerUrl(), options)
  const registration = await registering.catch((error) => fail(problemOfRegistration(error)))
  const { installing } = registration
  installing?.addEventListener('statechange', () => {
    if (installing.state === 'redundant')
      void fail(problemOfRegistration(new Error('its files could not be loaded')))
  })
  return registration
}

/** Everything that waits for the registry keeps waiting. */
function fail(found: StartupProblem): Promise<never> {
  startupProblem.value = found
  registryState.value = 'failed'
  return new Promise(() => {})
}

/** Notices a response in which the worker says that it has no storage. */
export async function checkResponse(response: Response): Promise<Response> {
  const found = await problemIn(response)
  if (found) void fail(found)
  return response
}

function watchVersions(registration: ServiceWorkerRegistration | undefined): void {
  if (!registration) return
  const showWaiting = () => {
    waitingVersion.value = (registration.active && registration.waiting) ?? undefined
  }
  showWaiting()
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', showWaiting),
  )
}
