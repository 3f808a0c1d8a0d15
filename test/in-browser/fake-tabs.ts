/**
 * A service worker's view of tabs, for tests in a window: real ports, real locks, structured clones; only the clients are
 * made here. The leader is this window or a worker, which can be ended like a tab.
 */

import type { TabNetworkDeps } from '../../src/browser/swarm/tab/network.ts'
import { leaderLock } from '../../src/browser/tab-protocol.ts'

export type PostToTab = (message: unknown, transfer: Transferable[]) => void

export interface FakeTabs {
  readonly deps: Omit<TabNetworkDeps, 'verify'>
  add(id: string, post: PostToTab): void
  remove(id: string): void
}

/** The settings name one peer, so that the network waits for a leading tab. */
export function createFakeTabs(): FakeTabs {
  const tabs = new Map<string, PostToTab>()
  const clientOf = (id: string) =>
    ({
      id,
      postMessage: (message: unknown, transfer: Transferable[] = []) => tabs.get(id)?.(message, transfer),
    }) as unknown as WindowClient
  const clients = {
    get: async (id: string) => (tabs.has(id) ? clientOf(id) : undefined),
    matchAll: async () => [...tabs.keys()].map(clientOf),
  } as unknown as TabNetworkDeps['clients']
  return {
    deps: {
      clients,
      locks: navigator.locks,
      settings: async () => ({ peers: [`/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooW${'a'.repeat(44)}`] }),
    },
    add: (id, post) => void tabs.set(id, post),
    remove: (id) => void tabs.delete(id),
  }
}

/** Holds the leader's lock under this id in this window. Resolves once it is held. */
export async function holdLead(id: string): Promise<() => void> {
  const release = Promise.withResolvers<void>()
  await new Promise<void>((onHeld) => {
    void navigator.locks.request(leaderLock(id), () => {
      onHeld()
      return release.promise
    })
  })
  return release.resolve
}
