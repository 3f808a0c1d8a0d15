/** The state of the connection to one address of a peer, as the page shows it. */
import type { PeerId } from '../../core/swarm/ports.ts'
import type { LeaderStatus } from '../tab-protocol.ts'

/**
 * Why there is no connection.
 *
 * - `unreachable`: there is no response, or it excludes this page (`http.cors.origins`); browsers hide which of the two
 * - `no-peer`: the server is not a Flotilla peer
 * - `private`: the registry's swarm has a key
 * - `alone`: the registry is in no swarm
 * - `another`: the peer has another id than the address says
 * - `unproved`: the peer did not prove its id
 */
export type ConnectionFault = 'unreachable' | 'no-peer' | 'private' | 'alone' | 'another' | 'unproved'

export interface ConnectionState {
  readonly state: 'connecting' | 'connected' | 'unreachable'
  /** The connected peer. */
  readonly id?: PeerId
  readonly fault?: ConnectionFault
  /** Since when there has been no connection, in milliseconds since 1970. */
  readonly since?: number
}

/** Says why no peer was found at a URL. */
export class ProbeError extends Error {
  readonly fault: ConnectionFault

  constructor(fault: ConnectionFault, cause?: unknown) {
    super(`no peer: ${fault}`, { cause })
    this.fault = fault
  }
}

export const CONNECTING: ConnectionState = { state: 'connecting' }

export const connected = (id: PeerId): ConnectionState => ({ state: 'connected', id })

/** @param before - the previous state */
export const unreachable = (
  fault: ConnectionFault,
  before: ConnectionState | undefined,
): ConnectionState => ({
  state: 'unreachable',
  fault,
  since: before?.since ?? Date.now(),
})

/** The state of an address that the leading tab dials by WebSocket, derived from that tab's status. */
export type WebSocketState = (address: string, status: LeaderStatus | undefined) => ConnectionState

/** Remembers since when each address has had no connection. */
export function createWebSocketState(): WebSocketState {
  const before = new Map<string, ConnectionState>()

  return (address, status) => {
    const state = stateOf(address, status, before.get(address))
    before.set(address, state)
    return state
  }
}

function stateOf(
  address: string,
  status: LeaderStatus | undefined,
  before: ConnectionState | undefined,
): ConnectionState {
  const id = /\/p2p\/(\w+)$/.exec(address)?.[1]
  if (id && status?.peers.some((peer) => peer.id === id)) return connected(id)
  return status?.isSettled ? unreachable('unreachable', before) : CONNECTING
}
