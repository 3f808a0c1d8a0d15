/**
 * The registry in this browser is its service worker. A page that is not yet controlled waits: its requests must never
 * reach the server's own `/v2/` by mistake.
 */
import { signal } from '@preact/signals'
import { STAY_AWAKE, TAKE_CHARGE, TAKE_OVER } from '../worker-messages.ts'
import { findObstacle, type Obstacle, obstacleIn, obstacleOf, tryStorage } from './obstacle.ts'
import { serviceWorkerUrl } from './trusted-script.ts'

/** `hindered`: by the obstacle, which stays. */
export type RegistryState = 'starting' | 'ready' | 'hindered'

export const registryState = signal<RegistryState>('starting')

export const obstacle = signal<Obstacle | undefined>(undefined)

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
  const found = findObstacle()
  if (found) return await hinder(found)
  // Beside what the page asks for: the browser may have an update to look for first, which can take seconds.
  if (navigator.serviceWorker.controller) void watchStart()
  else await takeCharge()
  registryState.value = 'ready'
}

async function watchStart(): Promise<void> {
  navigator.serviceWorker.getRegistration().then(watchVersions, () => {})
  const found = await tryStorage()
  if (found) await hinder(found)
}

/** Of this page, which was loaded past the worker, or before there was one. */
async function takeCharge(): Promise<void> {
  const { serviceWorker } = navigator
  const found = await tryStorage()
  if (found) return await hinder(found)
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
  const registration = await registering.catch((error) => hinder(obstacleOf(error)))
  const { installing } = registration
  installing?.addEventListener('statechange', () => {
    if (installing.state === 'redundant') void hinder(obstacleOf(new Error('its files did not come')))
  })
  return registration
}

/** Whatever waits for the registry waits for ever. */
function hinder(found: Obstacle): Promise<never> {
  obstacle.value = found
  registryState.value = 'hindered'
  return new Promise(() => {})
}

/** Looks whether the worker says in it that it cannot do anything. */
export async function noticeObstacle(response: Response): Promise<Response> {
  const found = await obstacleIn(response)
  if (found) void hinder(found)
  return response
}

function watchVersions(registration: ServiceWorkerRegistration | undefined): void {
  if (!registration) return
  const look = () => {
    waitingVersion.value = (registration.active && registration.waiting) ?? undefined
  }
  look()
  registration.addEventListener('updatefound', () =>
    registration.installing?.addEventListener('statechange', look),
  )
}
