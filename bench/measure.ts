/**
 * Measurements that several scenarios share.
 */
import { GIB, MIB, RandomBlob } from './client/blob.ts'
import { type Connection, withConnections } from './client/connection.ts'
import { pushByPut } from './client/registry.ts'
import type { Figure, Run, Stage, Values } from './scenario.ts'
import type { Server } from './server/process.ts'

const WARM_UP = 32 * MIB

/** MB/s and CPU of a push, with the throughput that is asked of it. */
export const pushFigures = (ratio: number): readonly Figure[] => [
  { name: 'throughput', unit: 'MB/s', better: 'more', ratio },
  { name: 'CPU', unit: 's/GiB', better: 'less' },
]

/** Pushes one blob; `prepare` makes it, before the clock starts, and returns the push. */
export async function readyPush(
  stage: Stage,
  prepare: (blob: RandomBlob) => (connection: Connection) => Promise<void>,
): Promise<Run> {
  const server = await warmServer(stage)
  const push = prepare(new RandomBlob(stage.size.blob))
  return () =>
    withConnections(server.port, 1, ([connection]) => measurePush(server, stage, () => push(connection!)))
}

/** A server that has pushed a little already, and rests. */
export async function warmServer(stage: Stage): Promise<Server> {
  const server = await stage.start()
  const blob = new RandomBlob(WARM_UP)
  await withConnections(server.port, 1, ([connection]) => pushByPut(connection!, blob))
  await server.idle()
  return server
}

/** The throughput until the last answer; the CPU until the server rests, with what it does after its answer. */
async function measurePush(server: Server, { size }: Stage, push: () => Promise<void>): Promise<Values> {
  const before = server.cpuSeconds()
  const start = performance.now()
  await push()
  const throughput = megabytesPerSecond(size.blob, (performance.now() - start) / 1000)
  await server.idle()
  return { throughput, CPU: ((server.cpuSeconds() - before) * GIB) / size.blob }
}

/** In millions of bytes. */
export const megabytesPerSecond = (bytes: number, seconds: number): number => bytes / 1e6 / seconds
