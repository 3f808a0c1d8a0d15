/** Registries as users start them, as peers of a swarm that holds nobody else. */

import { setTimeout as sleep } from 'node:timers/promises'
import type { SwarmStatus } from '../../../src/core/libp2p/status.ts'
import { digestOf } from '../../support/digest.ts'
import { askAsOwner } from '../../support/owner.ts'
import { type RegistryOptions, type RegistryProcess, startRegistry } from '../../support/registry-process.ts'

export interface RegistryPeer extends RegistryProcess {
  /** As other peers see it. */
  id(): Promise<string>
  /** Its multiaddr by TCP. */
  peerAddress(): Promise<string>
  status(): Promise<SwarmStatus>
  /** Waits until this peer is connected to all of these, and knows what they speak. */
  meet(...ids: readonly string[]): Promise<void>
}

/**
 * Open to everybody, as registries of a network are, on loopback. By TCP alone, because the other transports take time to
 * start; and with timeouts in which providers are found on a busy machine, too.
 */
const ENVIRONMENT = {
  REGISTRY_SWARM_REACH: 'network',
  REGISTRY_SWARM_TIMEOUT: '3s',
  REGISTRY_SWARM_LISTEN: '["/ip4/127.0.0.1/tcp/0"]',
  REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
}

export async function startRegistryPeer(
  swarm: readonly string[] = [],
  { environment, ...options }: Omit<RegistryOptions, 'swarm'> = {},
): Promise<RegistryPeer> {
  const registry = await startRegistry({
    ...options,
    environment: { ...ENVIRONMENT, ...environment },
    swarm,
  })
  const status = () => statusOf(registry)
  const peer = {
    id: async () => (await status()).id,
    peerAddress: async () => (await status()).addresses.find((address) => /\/tcp\/\d+\/p2p\//.test(address))!,
    status,
    async meet(...ids: readonly string[]) {
      await until(`${registry.url} meets ${ids}`, async () => {
        const peers = (await status()).peers.flatMap(({ id, isRegistry }) => (isRegistry ? [id] : []))
        return ids.every((id) => peers.includes(id))
      })
    },
  }
  // The getters of the process stay what they are: its URL changes with a restart.
  return Object.setPrototypeOf(peer, registry)
}

async function statusOf(registry: RegistryProcess): Promise<SwarmStatus> {
  const response = await askAsOwner(registry, '/flotilla/peers')
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return (await response.json()) as SwarmStatus
}

/** For pushes that want a method and a path. */
export const asked = (registry: RegistryProcess) => ({
  fetch: (method: string, path: string, init: object = {}) => fetch(registry.url + path, { ...init, method }),
})

/** Asks again and again, for a minute and a half at most. */
export async function until(what: string, isSo: () => Promise<boolean>, limit = 90_000): Promise<void> {
  const deadline = Date.now() + limit
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`)
    await sleep(50)
  }
}

export async function push({ url }: RegistryProcess, repository: string, bytes: Uint8Array): Promise<void> {
  const path = `/v2/${repository}/blobs/uploads/?digest=${digestOf(bytes)}`
  const response = await fetch(url + path, { method: 'POST', body: bytes as Uint8Array<ArrayBuffer> })
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
}
