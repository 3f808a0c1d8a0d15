/**
 * A server process under measurement: started, asked what it has cost, stopped by its own pid. What the kernel
 * counts is read from /proc, so the benchmark runs on Linux only.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Connection } from '../client/connection.ts'
import { requestHead } from '../client/registry.ts'

/** What to run, as the registry in question wants it. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly environment?: Environment
  /** The data folder, where the server tells its owner how to ask it. */
  readonly data?: string
}

export type Environment = Readonly<Record<string, string>>

const START_LIMIT = 60_000
const STOP_LIMIT = 15_000
const IDLE_LIMIT = 120_000
/** No clock tick (10 ms) of CPU in so long a time counts as idle. */
const IDLE_WINDOW = 400
const TICKS_PER_SECOND = 100

const running = new Set<ChildProcess>()

export class Server {
  readonly port: number
  /** From the spawn to the first 200 on `/v2/`, in milliseconds. */
  readonly startTime: number
  readonly data: string | undefined
  readonly #child: ChildProcess

  get pid(): number {
    return this.#child.pid!
  }

  constructor(child: ChildProcess, port: number, startTime: number, data?: string) {
    this.#child = child
    this.port = port
    this.startTime = startTime
    this.data = data
  }

  /** User and system time of all threads until now, in seconds. */
  cpuSeconds(): number {
    const fields = this.#proc('stat')
      .replace(/^.*\) /s, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
  }

  /** The most memory that was ever resident, in MiB. */
  peakMemory(): number {
    return Number(/^VmHWM:\s*(\d+) kB/m.exec(this.#proc('status'))?.[1]) / 1024
  }

  /** The memory that is resident now, in MiB. */
  residentMemory(): number {
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(this.#proc('status'))?.[1]) / 1024
  }

  /** Waits until the process has stopped using CPU. Returns when it did, by `performance.now()`. */
  async idle(): Promise<number> {
    const limit = performance.now() + IDLE_LIMIT
    let since = performance.now()
    for (let before = this.cpuSeconds(); performance.now() - since < IDLE_WINDOW; await sleep(20)) {
      const now = this.cpuSeconds()
      if (now > before) since = performance.now()
      if (since > limit) throw new Error('the server did not become idle')
      before = now
    }
    return since
  }

  async stop(): Promise<void> {
    await end(this.#child)
  }

  #proc(file: string): string {
    return readFileSync(`/proc/${this.#child.pid}/${file}`, 'utf8')
  }
}

/** Spawns what `command` gives for a free port and waits for its first answer. */
export async function startServer(command: (port: number) => Command): Promise<Server> {
  const port = await freePort()
  const { file, args, environment, data } = command(port)
  const start = performance.now()
  const child = spawn(file, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  try {
    await firstAnswer(child, port)
  } catch (error) {
    await end(child)
    throw error
  }
  return new Server(child, port, performance.now() - start, data)
}

/** For the end of the benchmark's own process, where nothing can be awaited. */
export function killServers(): void {
  for (const child of running) child.kill('SIGKILL')
}

async function firstAnswer(child: ChildProcess, port: number): Promise<void> {
  let complaint = ''
  child.stderr?.on('data', (text) => {
    complaint = (complaint + text).slice(-4096)
  })
  child.once('error', (error) => {
    complaint = error.message
  })
  for (const limit = performance.now() + START_LIMIT; performance.now() < limit; await sleep(2)) {
    if (await answers(port)) return
    if (child.pid === undefined || child.exitCode !== null) break
  }
  throw new Error(`${child.spawnfile} gave no answer: ${complaint.trim()}`)
}

async function answers(port: number): Promise<boolean> {
  const connection = await Connection.open(port).catch(() => undefined)
  const answer = await connection?.request(requestHead('GET', '/v2/')).catch(() => undefined)
  connection?.close()
  return answer?.status === 200
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT)
  await exit
  clearTimeout(timer)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
