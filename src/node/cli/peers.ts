/** `flotilla peers`: who a running registry is connected to, how, and what moved. */
import type { PeerStatus, SwarmStatus } from '../../core/libp2p/status.ts'
import { askOwner, type OwnerOptions } from './ask-owner.ts'
import { align, size } from './table.ts'

export interface PeersOptions extends OwnerOptions {
  readonly json?: boolean | undefined
}

const HEAD = ['PEER', 'TRANSPORT', 'DIRECTION', 'LATENCY', 'RECEIVED', 'SENT', 'ADDRESS']

export async function peers({ json = false, ...owner }: PeersOptions): Promise<void> {
  const status: SwarmStatus = await (await askOwner(owner, 'GET', '/flotilla/peers')).json()
  process.stdout.write(json ? `${JSON.stringify(status, undefined, 2)}\n` : text(status))
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
