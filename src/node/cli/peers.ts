/** `flotilla peers`: who a running registry is connected to, how, and what moved. */
import type { PeerStatus, SwarmStatus } from '../../core/libp2p/status.ts'
import { exitWith } from './exit.ts'
import { align, size } from './table.ts'

export interface PeersOptions {
  /** `host:port` of the registry, on this machine. */
  readonly addr: string
  readonly json?: boolean | undefined
}

const HEAD = ['PEER', 'TRANSPORT', 'DIRECTION', 'LATENCY', 'RECEIVED', 'SENT', 'ADDRESS']

export async function peers({ addr, json = false }: PeersOptions): Promise<void> {
  const status = await fetchStatus(addr)
  process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : text(status))
}

async function fetchStatus(addr: string): Promise<SwarmStatus> {
  const host = addr.startsWith(':') ? `127.0.0.1${addr}` : addr
  const response = await fetch(`http://${host}/flotilla/peers`).catch(() =>
    exitWith([`no registry answers on ${host}; --addr names another one`]),
  )
  const answer = await response.json().catch(() => undefined)
  if (response.ok && answer) return answer as SwarmStatus
  return exitWith([`${host}: ${answer?.error ?? 'what answers is no registry of this kind'}`])
}

function text({ id, addresses, peers }: SwarmStatus): string {
  const own = [`This peer: ${id}`, ...addresses.map((address) => `  ${address}`)]
  const table = peers.length === 0 ? ['No peers.'] : align([HEAD, ...peers.map(row)])
  return [...own, '', ...table, ''].join('\n')
}

const row = ({ id, transport, direction, latency, moved, addresses }: PeerStatus): string[] => [
  id,
  transport,
  direction,
  latency === undefined ? '-' : `${latency} ms`,
  byRoad(moved, 'received'),
  byRoad(moved, 'sent'),
  addresses.join(' '),
]

function byRoad(moved: PeerStatus['moved'], direction: 'received' | 'sent'): string {
  const roads = Object.entries(moved).filter(([, bytes]) => bytes[direction] > 0)
  return roads.map(([road, bytes]) => `${road} ${size(bytes[direction])}`).join(', ') || '-'
}
