/**
 * Load over several connections: a list of jobs dealt out, or one request again and again for a time.
 */

import { median } from '../median.ts'
import { type Connection, withConnections } from './connection.ts'
import { expectStatus } from './registry.ts'

const TURNS = 5

export type Job = (connection: Connection) => Promise<unknown>

/** Does all jobs over `connections` connections, each job by the first that is free. Returns seconds. */
export async function timeJobs(port: number, connections: number, jobs: readonly Job[]): Promise<number> {
  return withConnections(port, connections, async (opened) => {
    const queue = jobs.values()
    const start = performance.now()
    await Promise.all(opened.map((connection) => work(connection, queue)))
    return (performance.now() - start) / 1000
  })
}

async function work(connection: Connection, queue: Iterable<Job>): Promise<void> {
  for (const job of queue) await job(connection)
}

/** Answers of status 200 per second, after a warm-up of a quarter of `seconds`. */
export async function answersPerSecond(
  port: number,
  connections: number,
  seconds: number,
  request: string,
): Promise<number> {
  const bytes = Buffer.from(request, 'latin1')
  return withConnections(port, connections, async (opened) => {
    await repeat(opened, bytes, seconds / 4)
    const start = performance.now()
    const answers = await repeat(opened, bytes, seconds)
    return answers / ((performance.now() - start) / 1000)
  })
}

/** A request and the server that it goes to. */
export interface Question {
  readonly port: number
  readonly request: string
}

/**
 * Milliseconds to an answer of two questions over one connection each, as medians of short turns: what else
 * the machine does hits both alike.
 */
export async function compareTimes(a: Question, b: Question, seconds: number): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let turn = 0; turn < TURNS; turn++) {
    times[0].push(1000 / (await answersPerSecond(a.port, 1, seconds / TURNS, a.request)))
    times[1].push(1000 / (await answersPerSecond(b.port, 1, seconds / TURNS, b.request)))
  }
  return [median(times[0]), median(times[1])]
}

async function repeat(connections: readonly Connection[], bytes: Buffer, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000
  let answers = 0
  const one = async (connection: Connection): Promise<void> => {
    while (performance.now() < end) {
      expectStatus(await connection.request(bytes), 200)
      answers++
    }
  }
  await Promise.all(connections.map(one))
  return answers
}
