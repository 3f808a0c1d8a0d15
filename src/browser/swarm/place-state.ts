/** How it stands with one place where a peer is looked for, as the page tells it. */
import type { PeerId } from '../../core/swarm/ports.ts'

/**
 * Why nobody is reached there. `unreachable`: nothing answers, or does not let this page ask (`http.cors.origins`), which
 * browsers do not tell apart. `no-peer`: what answers is none. `private`, `alone`: a registry whose swarm has a key, or
 * that is in none. `another`: a peer with another id than the address says. `unproved`: one that does not prove its id.
 */
export type Fault = 'unreachable' | 'no-peer' | 'private' | 'alone' | 'another' | 'unproved'

export interface PlaceState {
  readonly state: 'connecting' | 'connected' | 'unreachable'
  /** Who answers. */
  readonly id?: PeerId
  readonly fault?: Fault
  /** Milliseconds since 1970 from which on nobody was reached. */
  readonly since?: number
}

/** What kept a peer from being found at a URL. */
export class PlaceFault extends Error {
  readonly fault: Fault

  constructor(fault: Fault, cause?: unknown) {
    super(fault, { cause })
    this.fault = fault
  }
}

export const CONNECTING: PlaceState = { state: 'connecting' }

export const connected = (id: PeerId): PlaceState => ({ state: 'connected', id })

/** @param before - how it stood until now */
export const unreached = (fault: Fault, before: PlaceState | undefined): PlaceState => ({
  state: 'unreachable',
  fault,
  since: before?.since ?? Date.now(),
})
