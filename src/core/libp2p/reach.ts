/**
 * How far a peer reaches: whom it exchanges anything with, in either direction. It is decided here and nowhere else, from
 * the configuration; connections, the peer store, the DHT and the ways to find peers all ask here.
 */
import type { Config } from '../config.ts'
import { idsOf, isLoopback, isRelayed } from './multiaddrs.ts'

/**
 * `machine`: only with programs on this machine, over loopback. `named`: with those, and with exactly the peers of
 * `swarm.bootstrap`. `network`: with whoever is found, or comes.
 */
export type ReachKind = 'machine' | 'named' | 'network'

export interface Reach {
  readonly kind: ReachKind
  /** The ids of `swarm.bootstrap`, those of relays on the way among them. */
  readonly named: ReadonlySet<string>
  /**
   * Whether anything may be exchanged with this peer at this address. Relayed addresses only count where the relay is
   * named too: who is behind one cannot be told from its address.
   *
   * @param peer - may be left out where the address ends with its id
   */
  allows(address: string, peer?: string): boolean
  /** Whether who calls from this address may say who he is. */
  admits(address: string): boolean
}

type Settings = Pick<Config['swarm'], 'reach' | 'bootstrap' | 'key' | 'announce'>

/** @param listen - the multiaddrs that are listened on: who listens beyond loopback has opened the swarm */
export function reachOf(settings: Settings, listen: readonly string[]): Reach {
  const kind = settings.reach === 'auto' ? reachByItself(settings, listen) : settings.reach
  const named = new Set(kind === 'machine' ? [] : settings.bootstrap.flatMap(idsOf))
  const isOpen = kind === 'network'
  return {
    kind,
    named,
    allows(address, peer) {
      if (isOpen || (isLoopback(address) && !isRelayed(address))) return true
      const ids = peer === undefined ? idsOf(address) : [peer, ...idsOf(address)]
      return ids.length > 0 && ids.every((id) => named.has(id))
    },
    admits: (address) => kind !== 'machine' || (isLoopback(address) && !isRelayed(address)),
  }
}

function reachByItself({ bootstrap, key, announce }: Settings, listen: readonly string[]): ReachKind {
  const isOpen = [...listen, ...announce].some((address) => !isLoopback(address))
  if (key !== undefined || isOpen) return 'network'
  return bootstrap.length > 0 ? 'named' : 'machine'
}
