/** What is said of an address where no peer was reached: what happened, and what to do. */
import type { Fault } from '../requests/peers.ts'

export const FAULT_TEXTS: Readonly<Record<Fault, string>> = {
  unreachable: `nothing answers there, or its setting http.cors.origins does not name ${location.origin}.`,
  'no-peer': 'what answers there is no Flotilla registry.',
  private: 'it refuses: its swarm has a key, so pages cannot ask it.',
  alone: 'it is a registry without a swarm (swarm.enabled), or it is still starting.',
  another: 'another peer answers there than the one that the address names.',
  unproved: 'what answers there does not prove who it is.',
}
