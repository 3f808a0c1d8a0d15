/**
 * Whoever reaches a port sends what no parser expects: broken messages of every protocol that listens, below and above
 * encryption. He gets errors, and closed connections. The registry goes on, answers others, and is as large as before.
 *
 * `FLOTILLA_SEED` repeats a run, `FLOTILLA_FUZZ` makes it so many times as long.
 */

import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { createRandom } from '../../faults/random.ts'
import { push, type RegistryPeer, startRegistryPeer } from '../../peers/registry-peer.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { startBrokenPeer } from './broken-peer.ts'
import { BULK, LIBP2P, REGISTRY, TLS, WEB_SOCKET } from './http-seeds.ts'
import { type Fuzzed, fuzzSocket, type SocketTarget } from './sockets.ts'

const SEED = Number(process.env.FLOTILLA_SEED ?? 20_261_130)
const LENGTH = Number(process.env.FLOTILLA_FUZZ ?? 1)

/** Connections or streams at once. */
const AT_ONCE = 16

/** Bytes by which memory may differ after an attack from after the first: the garbage of the moment. */
const MAX_GROWTH = 96 * MIB

/** Answers of Node's parser and ours that begin with a 5 and tell of no failure. */
const RIGHTLY_5XX = /^HTTP\/1\.1 50[15]/

let registry: RegistryPeer
let address: string
let webSocketPort: number
let bulkPort: number

beforeAll(async () => {
  bulkPort = await freePort()
  registry = await startRegistryPeer([], {
    environment: {
      NODE_OPTIONS: '--max-old-space-size=256 --max-semi-space-size=4',
      REGISTRY_SWARM_LISTEN: '["/ip4/127.0.0.1/tcp/0","/ip4/127.0.0.1/tcp/0/ws"]',
      REGISTRY_SWARM_BULK_PORT: String(bulkPort),
      REGISTRY_SWARM_BITSWAP: 'true',
      REGISTRY_STORAGE_DELETE_ENABLED: 'true',
    },
  })
  await push(registry, 'fuzz', new TextEncoder().encode('{}'))
  const addresses = (await registry.status()).addresses
  address = addresses.find((address) => /\/tcp\/\d+\/p2p\//.test(address))!
  webSocketPort = Number(/\/tcp\/(\d+)\/ws/.exec(addresses.join())![1])
})

afterAll(() => registry?.[Symbol.asyncDispose]())

describe('broken bytes', () => {
  it.each([
    ['the registry', 1500, () => ({ port: Number(new URL(registry.url).port), seeds: REGISTRY })],
    ['the bulk server', 300, () => ({ port: bulkPort, seeds: BULK, tls: true })],
    ['the bulk server, before TLS', 300, () => ({ port: bulkPort, seeds: TLS })],
    ['the WebSocket', 300, () => ({ port: webSocketPort, seeds: WEB_SOCKET })],
    ['an open WebSocket', 300, () => ({ port: webSocketPort, seeds: WEB_SOCKET, opening: WEB_SOCKET[0]! })],
    ['libp2p, before encryption', 300, () => ({ port: tcpPort(), seeds: LIBP2P })],
  ] satisfies [string, number, () => SocketTarget][])('to %s', async (_, count, targetOf) => {
    const target = targetOf()
    const fuzzed = await many(count, (seed) => fuzzSocket(target, createRandom(seed)))
    const { answers, hanging } = summary(fuzzed)
    expect(answers.filter((answer) => /^HTTP\/1\.1 5/.test(answer) && !RIGHTLY_5XX.test(answer))).toEqual([])
    expect(hanging).toBe(0)
    await expectUnharmed()
  })
})

describe('broken messages', () => {
  it('on streams of every protocol that it speaks', async () => {
    const random = createRandom(SEED)
    await using peer = await startBrokenPeer(random)
    const protocols = await peer.protocols(address)
    expect(protocols).toContain('/flotilla/blob/1.0.0')
    for (const protocol of protocols) {
      const ends = await many(150, (seed) => peer.fuzz(address, protocol, createRandom(seed)))
      expect({ protocol, hanging: ends.filter((end) => end === 'hangs').length }).toEqual({
        protocol,
        hanging: 0,
      })
    }
    await expectUnharmed()
  })

  it('of the multiplexer', async () => {
    for (let round = 0; round < 20 * LENGTH; round++) {
      const random = createRandom(SEED + round)
      await using peer = await startBrokenPeer(random, 0.2)
      await many(10, (seed) => peer.fuzz(address, '/ipfs/ping/1.0.0', createRandom(seed)))
    }
    await expectUnharmed()
  })
})

it('all of it again leaves the registry as large as it was', async () => {
  await using peer = await startBrokenPeer(createRandom(SEED))
  const port = Number(new URL(registry.url).port)
  await using watching = await watch(registry)
  for (const protocol of await peer.protocols(address)) {
    await many(100, (seed) => peer.fuzz(address, protocol, createRandom(seed)))
  }
  await many(1000, (seed) => fuzzSocket({ port, seeds: REGISTRY }, createRandom(seed)))
  const { memory, latency } = await watching.end()
  record(`broken messages of every protocol, seed ${SEED}`, {
    'growth MiB': Math.round((memory.after - memory.before) / MIB),
    'v2 p99 ms': latency.p99,
  })
  expect(memory.after - memory.before).toBeLessThan(MAX_GROWTH)
  await expectUnharmed()
})

const tcpPort = (): number => Number(/\/tcp\/(\d+)/.exec(address)![1])

/** Runs with seeds of their own, which follow from the run's. */
async function many<T>(count: number, work: (seed: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const run = async (): Promise<void> => {
    while (next < count * LENGTH) results.push(await work(SEED + next++))
  }
  await Promise.all(Array.from({ length: AT_ONCE }, run))
  return results
}

function summary(fuzzed: readonly Fuzzed[]): { answers: string[]; hanging: number } {
  return {
    answers: fuzzed.map(({ answer }) => answer),
    hanging: fuzzed.filter(({ hangs }) => hangs).length,
  }
}

/** It is the same process, it answers, and nothing in its log tells of a mistake of ours. */
async function expectUnharmed(): Promise<void> {
  const response = await fetch(`${registry.url}/v2/`)
  expect(response.status).toBe(200)
  expect(registry.output()).not.toMatch(/\bERROR\b|"level":"error"/)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}
