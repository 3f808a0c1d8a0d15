/** A pool of connections to the bulk servers of peers, which are kept for a while for the next request. */
import { LRUCache } from 'lru-cache'
import { createSemaphore, type Semaphore } from '../../core/async/semaphore.ts'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import { type Address, type BlobRequest, Connection } from './connection.ts'

/** A server that is reachable by one of several hosts. */
export interface BulkAddress extends Omit<Address, 'host'> {
  readonly hosts: readonly string[]
}

export interface Connections {
  /** Waits while the limit of requests to the peer is reached. @throws UnreachableError */
  get(peer: PeerId, address: BulkAddress, request: BlobRequest, signal: AbortSignal): Bytes
}

/** The peer could not be reached by any of its hosts. */
export class UnreachableError extends Error {}

const MAX_CONNECTIONS_OF_PEER = 4

/** Peers whose connections are pooled. */
const MAX_PEERS = 1024

/** Hosts that are tried one after the other. */
const MAX_HOSTS = 4

interface PeerConnections {
  readonly slots: Semaphore
  idle: Connection[]
}

export function createConnections(): Connections {
  const peers = new LRUCache<PeerId, PeerConnections>({
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

/** A different certificate means that the peer was restarted. */
function takeIdle(held: PeerConnections, { port, certificate }: BulkAddress): Connection | undefined {
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
  throw new UnreachableError('the peer cannot be reached by HTTPS', { cause: new AggregateError(causes) })
}
