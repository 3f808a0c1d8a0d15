/**
 * The reach of a peer (`swarm.reach`): which peers it exchanges anything with, in either direction. Connections, the peer
 * store, the DHT and peer discovery all depend on it. Not to be confused with libp2p's reachability, which is about NAT.
 */
import type { Config } from '../config.ts'
import { idsOf, isLoopback, isRelayed } from './multiaddrs.ts'

/**
 * `machine`: only peers on this machine, over loopback. `named`: those, and the peers in `swarm.bootstrap`. `network`: all
 * peers that are discovered or connect.
 */
export type ReachKind = 'machine' | 'named' | 'network'

export interface Reach {
  readonly kind: ReachKind
  /** The ids in `swarm.bootstrap`, including those of relays. */
  readonly named: ReadonlySet<string>
  /**
   * Whether anything may be exchanged with this peer at this address. The relay of a relayed address must be within reach
   * too, because the address does not tell who is behind it.
   *
   * @param peer - may be omitted if the address ends with its id
   */
  allows(address: string, peer?: string): boolean
  /** Whether a connection from this address is accepted until the peer has identified itself. */
  mayConnect(address: string): boolean
}

type Settings = Pick<Config['swarm'], 'reach' | 'bootstrap' | 'key' | 'announce'>

/** @param listen - the multiaddrs that this peer listens on: listening beyond loopback opens the swarm */
export function reachOf(settings: Settings, listen: readonly string[]): Reach {
  const kind = settings.reach === 'auto' ? reachFromSettings(settings, listen) : settings.reach
  const named = new Set(kind === 'machine' ? [] : settings.bootstrap.flatMap(idsOf))
  const isNetwork = kind === 'network'
  return {
    kind,
    named,
    allows(address, peer) {
      if (isNetwork || (isLoopback(address) && !isRelayed(address))) return true
      const ids = peer === undefined ? idsOf(address) : [peer, ...idsOf(address)]
      return ids.length > 0 && ids.every((id) => named.has(id))
    },
    mayConnect: (address) => kind !== 'machine' || (isLoopback(address) && !isRelayed(address)),
  }
}

function reachFromSettings({ bootstrap, key, announce }: Settings, listen: readonly string[]): ReachKind {
  const isOpen = [...listen, ...announce].some((address) => !isLoopback(address))
  if (key !== undefined || isOpen) return 'network'
  return bootstrap.length > 0 ? 'named' : 'machine'
}
