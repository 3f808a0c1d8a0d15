/** `flotilla peers`: who a running registry is connected to, how, and what moved. */
import type { PeerStatus, SwarmStatus } from '../../core/libp2p/status.ts'
import { exitWith } from './exit.ts'

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

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

function size(bytes: number): string {
  const step = Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1)
  return `${Number((bytes / 1000 ** step).toFixed(1))} ${UNITS[step]}`
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)))
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
}
