/**
 * One blob from one peer, by each fetcher: from the request for the first byte to the verification of the last. Provider and
 * receiver are new processes each time; the provider keeps its blob.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { rootOf } from '../../src/core/dag/dag.ts'
import { MIB, RandomBlob } from '../client/blob.ts'
import { type Connection, withConnections } from '../client/connection.ts'
import { expectStatus, pull, pushByPut, REPOSITORY, requestHead } from '../client/registry.ts'
import { megabytesPerSecond } from '../measure.ts'
import type { Figure, Run, Scenario, Stage } from '../scenario.ts'
import type { Environment, Server } from '../server/process.ts'
import { type Received, receive } from '../server/receiver.ts'
import { addressOf, inSwarm, metAnother } from '../server/swarm.ts'

/** Blocks wanted at once, where that is bounded. */
const MAX_WANTED = 16

const BY_STREAM: Environment = { REGISTRY_SWARM_BULK_ENABLED: 'false' }

const speed = (name: string): Figure => ({ name, unit: 'MB/s', better: 'more' })
const ratio = (name: string, least?: number): Figure => ({
  name,
  unit: 'times',
  better: 'more',
  ...(least !== undefined && { least }),
})
const memory = (name: string): Figure => ({ name: `memory, ${name}`, unit: 'MiB', better: 'less' })

export const swarmPull: Scenario = {
  name: 'swarm-pull',
  title: 'Pull 512 MiB from one peer, verified',
  figures: [
    speed('HTTPS'),
    speed('HTTPS, kept but not read'),
    speed('stream'),
    speed('Bitswap'),
    speed('Bitswap, 16 wants'),
    speed('raw HTTP'),
    speed('raw HTTP, kept'),
    ratio('HTTPS : Bitswap', 3),
    ratio('HTTPS : raw HTTP', 0.8),
    ratio('HTTPS : raw HTTP, kept'),
    ratio('HTTPS, kept but not read : raw HTTP'),
    ratio('HTTPS, kept but not read : raw HTTP, kept'),
    ratio('stream : Bitswap', 1.2),
    ...['HTTPS', 'stream', 'Bitswap', 'Bitswap, 16 wants'].flatMap((name) => [
      memory(`${name}, receiver`),
      memory(`${name}, holder`),
    ]),
    ratio('memory of both, Bitswap : stream', 4),
    ratio('memory of both, Bitswap, 16 wants : stream'),
  ],
  lasts: 'round',
  alone: true,
  ready: readySwarmPull,
}

interface Holding {
  readonly stage: Stage
  readonly blob: RandomBlob
  readonly root: string
}

interface Measured extends Received {
  /** Of the process that sent it, in MiB. */
  readonly provider: number
}

const memoryOf = ({ memory, provider }: Measured): number => memory + provider

type Way = (provider: Server, holding: Holding) => Promise<Received>

async function readySwarmPull(stage: Stage): Promise<Run> {
  const blob = new RandomBlob(stage.size.swarmBlob)
  const holding = { stage, blob, root: await rootOfBlob(blob) }
  await hold(stage, blob)
  return () => measureAll(holding)
}

async function measureAll(holding: Holding): Promise<Record<string, number>> {
  const { size } = holding.blob
  const raw = await measure(holding, byHttp())
  const kept = await measure(holding, byHttp(join(holding.stage.dataFolder, 'kept')))
  const https = await measure(holding, byRegistry('https', pull))
  const stream = await measure(holding, byRegistry('stream', pull), BY_STREAM)
  const bitswap = await measure(holding, byBitswap())
  const bounded = await measure(holding, byBitswap(MAX_WANTED))
  const unread = await measure(holding, byRegistry('unread', pullLast))
  const best = bitswap.seconds < bounded.seconds ? bitswap : bounded
  const ways = { HTTPS: https, stream, Bitswap: bitswap, 'Bitswap, 16 wants': bounded }
  const all = { ...ways, 'HTTPS, kept but not read': unread, 'raw HTTP': raw, 'raw HTTP, kept': kept }
  return {
    ...mapped(all, '', ({ seconds }) => megabytesPerSecond(size, seconds)),
    ...mapped(ways, ', receiver', ({ memory }) => memory, 'memory, '),
    ...mapped(ways, ', holder', ({ provider }) => provider, 'memory, '),
    'HTTPS : Bitswap': best.seconds / https.seconds,
    'HTTPS : raw HTTP': raw.seconds / https.seconds,
    'HTTPS : raw HTTP, kept': kept.seconds / https.seconds,
    'HTTPS, kept but not read : raw HTTP': raw.seconds / unread.seconds,
    'HTTPS, kept but not read : raw HTTP, kept': kept.seconds / unread.seconds,
    'stream : Bitswap': best.seconds / stream.seconds,
    'memory of both, Bitswap : stream': memoryOf(bitswap) / memoryOf(stream),
    'memory of both, Bitswap, 16 wants : stream': memoryOf(bounded) / memoryOf(stream),
  }
}

const mapped = (
  ways: Readonly<Record<string, Measured>>,
  suffix: string,
  value: (measured: Measured) => number,
  prefix = '',
): Record<string, number> =>
  Object.fromEntries(Object.entries(ways).map(([name, one]) => [prefix + name + suffix, value(one)]))

/** Leaves the blob on the stage's folder, with its leaves hashed and its DAG pinned. */
async function hold(stage: Stage, blob: RandomBlob): Promise<void> {
  const server = await stage.start({ environment: inSwarm() })
  await addressOf(server)
  await withConnections(server.port, 1, ([connection]) => pushByPut(connection!, blob))
  await server.idle()
  await server.stop()
}

async function measure(holding: Holding, way: Way, environment: Environment = {}): Promise<Measured> {
  const provider = await holding.stage.start({ environment: { ...inSwarm(), ...environment } })
  await addressOf(provider)
  await provider.idle()
  const received = await way(provider, holding)
  const measured = { ...received, provider: provider.peakMemory() }
  await provider.stop()
  return measured
}

const byHttp =
  (...file: readonly string[]): Way =>
  ({ port }, { blob: { digest } }) =>
    receive('http', [`http://127.0.0.1:${port}/v2/${REPOSITORY}/blobs/${digest}`, ...file], digest)

const byBitswap =
  (most = 0): Way =>
  async (provider, { root, blob: { digest } }) =>
    receive('bitswap', [await addressOf(provider), root, String(most)], digest)

/** By a registry that does not have it. */
const byRegistry =
  (folder: string, ask: typeof pull): Way =>
  async (provider, { stage, blob }) => {
    const receiver = await stage.within(folder).start({ environment: inSwarm(await addressOf(provider)) })
    await metAnother(receiver)
    await receiver.idle()
    const seconds = await withConnections(receiver.port, 1, async ([connection]) => {
      const start = performance.now()
      await ask(connection!, blob)
      return (performance.now() - start) / 1000
    })
    const measured = { seconds, memory: receiver.peakMemory() }
    await receiver.stop()
    return measured
  }

/** The last byte, which nobody gets before all is here, verified and durable. */
async function pullLast(connection: Connection, { digest, size }: RandomBlob): Promise<void> {
  const range = { Range: `bytes=${size - 1}-${size - 1}` }
  const head = requestHead('GET', `/v2/${REPOSITORY}/blobs/${digest}`, range)
  expectStatus(await connection.request(head), 206)
}

async function rootOfBlob(blob: RandomBlob): Promise<string> {
  const hashes = [...blob.pieces(0, blob.size, MIB)].map((leaf) => createHash('sha256').update(leaf).digest())
  return String(await rootOf(Buffer.concat(hashes), blob.size))
}
