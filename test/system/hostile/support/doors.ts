/** Where a registry can be reached by libp2p. */

import type { RegistryOptions } from '../../../support/registry-process.ts'
import { type RegistryPeer, startRegistryPeer } from '../../peers/registry-peer.ts'

/** One that listens on loopback alone, so that no attack leaves the machine. */
export const startOnDoors = (
  doors: readonly string[],
  environment: NonNullable<RegistryOptions['environment']> = {},
): Promise<RegistryPeer> => {
  const listen = doors.map((door) => `/ip4/127.0.0.1/${door}`)
  return startRegistryPeer([], {
    environment: { REGISTRY_SWARM_LISTEN: JSON.stringify(listen), ...environment },
  })
}

/** @param door - such as `tcp` or `tcp/ws`, without the port @throws Error where there is none */
export async function portOf(registry: RegistryPeer, door: string): Promise<number> {
  const [protocol, over] = door.split('/')
  const pattern = new RegExp(`^/ip4/127.0.0.1/${protocol}/(\\d+)${over ? `/${over}` : ''}/(p2p|certhash)/`)
  const ports = (await registry.status()).addresses.flatMap((address) => pattern.exec(address)?.[1] ?? [])
  if (ports[0] === undefined) throw new Error(`there is no ${door}`)
  return Number(ports[0])
}
