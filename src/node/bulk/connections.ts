/** The connections to the bulk servers of peers: few to each peer, kept a while for its next request. */
import { LRUCache } from 'lru-cache'
import { createSemaphore, type Semaphore } from '../../core/async/semaphore.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { type Address, type BlobRequest, Connection } from './connection.ts'

/** A server that one of several hosts leads to. */
export interface BulkAddress extends Omit<Address, 'host'> {
  readonly hosts: readonly string[]
}

export interface Connections {
  /** Waits while the peer has as many requests of ours as it may. @throws Unreachable */
  get(peer: PeerId, address: BulkAddress, request: BlobRequest, signal: AbortSignal): Bytes
}

/** None of the hosts led to the peer. */
export class Unreachable extends Error {}

const MAX_CONNECTIONS_OF_PEER = 4

/** Peers whose connections are known; one that is forgotten loses nothing but them. */
const MAX_PEERS = 1024

/** Hosts that are tried, one after the other. */
const MAX_HOSTS = 4

interface Held {
  readonly slots: Semaphore
  idle: Connection[]
}

export function createConnections(): Connections {
  const peers = new LRUCache<PeerId, Held>({
    max: MAX_PEERS,
    memoMethod: () => ({ slots: createSemaphore(MAX_CONNECTIONS_OF_PEER), idle: [] }),
  })
  return {
    async *get(peer, address, request, signal) {
      const held = peers.memo(peer)
      using _slot = await held.slots.acquire(signal)
      const connection = takeIdle(held, address) ?? (await open(address, signal))
      try {
        yield* connection.get(request, signal)
      } finally {
        held.idle = [...held.idle, connection].filter(({ isOpen }) => isOpen)
      }
    },
  }
}

/** Whoever has another certificate is another process of the peer. */
function takeIdle(held: Held, { port, certificate }: BulkAddress): Connection | undefined {
  const found = held.idle.find(
    ({ isOpen, address }) => isOpen && address.port === port && address.certificate === certificate,
  )
  held.idle = held.idle.filter((connection) => connection !== found)
  return found
}

async function open({ hosts, ...server }: BulkAddress, signal: AbortSignal): Promise<Connection> {
  const causes: unknown[] = []
  for (const host of hosts.slice(0, MAX_HOSTS)) {
    try {
      return await Connection.open({ host, ...server }, signal)
    } catch (cause) {
      signal.throwIfAborted()
      causes.push(cause)
    }
  }
  throw new Unreachable('the peer cannot be reached by HTTPS', { cause: new AggregateError(causes) })
}
