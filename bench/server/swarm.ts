/** Registries that are one swarm: who they are, and when they have found each other. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { SwarmStatus } from '../../src/core/libp2p/status.ts'
import { readOwnerFile } from '../../src/node/owner-file.ts'
import type { Environment, Server } from './process.ts'

const LIMIT = 20_000

export const ALONE: Environment = { REGISTRY_SWARM_ENABLED: 'false' }

/** For a registry that knows the one at this address, if any. */
export const inSwarm = (address?: string): Environment => ({
  REGISTRY_SWARM_REACH: 'network',
  REGISTRY_SWARM_LISTEN: '["/ip4/127.0.0.1/tcp/0"]',
  ...(address !== undefined && { REGISTRY_SWARM_BOOTSTRAP: JSON.stringify([address]) }),
})

/** Where others reach it. Waits until it has joined its swarm. */
export const addressOf = async (server: Server): Promise<string> => (await statusOf(server)).addresses[0]!

/** Waits until it knows another as a registry. */
export async function metAnother(server: Server): Promise<void> {
  for (const limit = performance.now() + LIMIT; performance.now() < limit; await sleep(20)) {
    const { peers } = await statusOf(server)
    if (peers.some(({ isRegistry }) => isRegistry)) return
  }
  throw new Error('the registries did not find each other')
}

/** Waits until the server has told its owner how to ask it, which comes just after its first answer. */
export async function statusOf({ port, data }: Server): Promise<SwarmStatus> {
  let access = await readOwnerFile(data!)
  for (; access === undefined; access = await readOwnerFile(data!)) await sleep(5)
  const headers = { Authorization: `Bearer ${access.token}` }
  const response = await fetch(`http://127.0.0.1:${port}/flotilla/peers`, { headers })
  if (!response.ok) throw new Error(`no swarm: ${response.status}`)
  return (await response.json()) as SwarmStatus
}
