/**
 * Who: anybody who speaks the protocol of the DHT.
 * Tries: to fill the registry with records of things that do not exist, on one stream after the other, and to keep it
 * so busy with them that it answers nobody else.
 * Gets: a thousand records in memory, at fifty a second.
 */

import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { multiaddr } from '@multiformats/multiaddr'
import { varint } from 'multiformats'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { type RegistryPeer, startRegistryPeer } from '../../peers/registry-peer.ts'
import { record } from '../support/figures.ts'
import { meetStranger, type Stranger } from '../support/stranger.ts'
import { watch } from '../support/watch.ts'

const DHT = '/flotilla/kad/1.0.0'

const RECORDS = 300_000

/** Messages sent before the attacker checks whether the stream is still open. */
const BATCH = 500

/** Milliseconds that the attack may take; a registry that delays the attacker is attacked for as long. */
const PATIENCE = 10_000

let registry: RegistryPeer

beforeEach(async () => {
  registry = await startRegistryPeer()
})

afterEach(() => registry[Symbol.asyncDispose]())

/** Bytes of the catalog, with what has not been moved into it yet. */
const catalogSize = (): number =>
  ['catalog.db', 'catalog.db-wal'].reduce(
    (sum, name) => sum + (statSync(join(registry.data, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )

/** Sends messages as fast as they are taken, on a new stream whenever one is ended, and reconnects where that is needed. */
async function flood(stranger: Stranger, message: () => Uint8Array, count: number): Promise<number> {
  const address = multiaddr(await registry.peerAddress())
  const deadline = Date.now() + PATIENCE
  let sent = 0
  while (sent < count && Date.now() < deadline) {
    const stream = await stranger.libp2p.dialProtocol(address, DHT).catch(() => undefined)
    while (stream?.status === 'open' && sent < count && Date.now() < deadline) {
      const batch = Buffer.concat(Array.from({ length: BATCH }, message))
      sent += BATCH
      if (!stream.send(batch)) await stream.onDrain({ signal: AbortSignal.timeout(1000) }).catch(() => {})
      await sleep(0)
    }
    stream?.abort(new Error('enough of this one'))
    if (stranger.connection.status !== 'open') await stranger.libp2p.hangUp(stranger.connection.remotePeer)
  }
  return sent
}

test('300,000 records', async () => {
  await using stranger = await meetStranger(registry)
  const before = catalogSize()
  await using watching = await watch(registry)
  const sent = await flood(stranger, () => addProvider(stranger), RECORDS)
  const { latency, memory } = await watching.end()
  const catalogGrowth = catalogSize() - before
  record('DHT: 300,000 records', {
    sent,
    p99Ms: latency.p99,
    mostMs: latency.most,
    catalogGrowthBytes: catalogGrowth,
    moreMiB: (memory.most - memory.before) / MIB,
  })
  expect(catalogGrowth).toBeLessThan(0.5 * MIB)
  expect(latency.p99).toBeLessThan(1000)
})

test('requests without end', async () => {
  await using stranger = await meetStranger(registry)
  await using watching = await watch(registry)
  const sent = await flood(stranger, findNode, RECORDS)
  const { latency, memory } = await watching.end()
  record('DHT: questions as fast as they are taken', {
    sent,
    p99Ms: latency.p99,
    mostMs: latency.most,
    moreMiB: (memory.most - memory.before) / MIB,
  })
  expect(latency.p99).toBeLessThan(1000)
})

/** A record of something new, which the attacker claims to have. */
function addProvider({ libp2p }: Stranger): Uint8Array {
  const multihash = Buffer.concat([Uint8Array.of(0x12, 0x20), randomBytes(32)])
  const address = libp2p.getMultiaddrs()[0]?.bytes ?? Uint8Array.of(4, 127, 0, 0, 1, 6, 1, 1)
  const provider = Buffer.concat([field(1, libp2p.peerId.toMultihash().bytes), field(2, address)])
  return framed(Buffer.concat([Uint8Array.of(0x08, 2), field(2, multihash), field(9, provider)]))
}

const findNode = (): Uint8Array => framed(Buffer.concat([Uint8Array.of(0x08, 4), field(2, randomBytes(34))]))

/** https://github.com/libp2p/specs/blob/master/kad-dht/README.md#rpc-messages */
const field = (of: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(8 * of + 2), number(bytes.length), bytes])

const framed = (message: Uint8Array): Uint8Array => Buffer.concat([number(message.length), message])

const number = (value: number): Uint8Array =>
  varint.encodeTo(value, new Uint8Array(varint.encodingLength(value)))
