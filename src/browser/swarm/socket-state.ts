/** How it stands with an address that the leading tab dials by WebSocket, as far as the worker is told of it. */

import type { Status } from '../tab-protocol.ts'
import { CONNECTING, connected, type PlaceState, unreached } from './place-state.ts'

export type SocketState = (address: string, status: Status | undefined) => PlaceState

/** It remembers since when nobody was reached. */
export function createSocketState(): SocketState {
  const before = new Map<string, PlaceState>()

  return (address, status) => {
    const state = stateOf(address, status, before.get(address))
    before.set(address, state)
    return state
  }
}

function stateOf(address: string, status: Status | undefined, before: PlaceState | undefined): PlaceState {
  const id = /\/p2p\/(\w+)$/.exec(address)?.[1]
  if (id && status?.peers.some((peer) => peer.id === id)) return connected(id)
  return status?.isSettled ? unreached('unreachable', before) : CONNECTING
}
