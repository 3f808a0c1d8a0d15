/** `flotilla peers`: who a running registry is connected to, how, and what moved. */
import * as z from 'zod/mini'
import type { PeerStatus, SwarmStatus } from '../../core/libp2p/status.ts'
import { askOwner, type OwnerOptions } from './admin-client.ts'
import { align, size } from './table.ts'

export interface PeersOptions extends OwnerOptions {
  readonly json?: boolean | undefined
}

/** As far as it is shown. */
const statusSchema = z.looseObject({
  id: z.string(),
  addresses: z.array(z.string()),
  peers: z.array(
    z.looseObject({
      id: z.string(),
      addresses: z.array(z.string()),
      direction: z.string(),
      transport: z.string(),
      latency: z.optional(z.number()),
      moved: z.record(z.string(), z.object({ received: z.number(), sent: z.number() })),
    }),
  ),
})

const HEAD = ['PEER', 'TRANSPORT', 'DIRECTION', 'LATENCY', 'RECEIVED', 'SENT', 'ADDRESS']

export async function peers({ json = false, ...owner }: PeersOptions): Promise<void> {
  const question = { method: 'GET', path: '/flotilla/peers', answer: statusSchema } as const
  const status = (await askOwner(owner, question)).value as SwarmStatus
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
  byProtocol(moved, 'received'),
  byProtocol(moved, 'sent'),
  addresses.join(' '),
]

function byProtocol(moved: PeerStatus['moved'], direction: 'received' | 'sent'): string {
  const moves = Object.entries(moved).filter(([, bytes]) => bytes[direction] > 0)
  return moves.map(([protocol, bytes]) => `${protocol} ${size(bytes[direction])}`).join(', ') || '-'
}
