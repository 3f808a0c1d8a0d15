/** A process that gets one blob when it is told to: how long that takes, and how much memory. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Report } from '../receivers/report.ts'

export interface Received {
  readonly seconds: number
  /** The most memory that was ever resident, in MiB. */
  readonly memory: number
}

const RECEIVERS = join(import.meta.dirname, '../receivers')

/** @param name - of a file of `bench/receivers`, which says when it is ready, and what it got */
export async function receive(name: string, args: readonly string[], digest: string): Promise<Received> {
  const child = fork(join(RECEIVERS, `${name}.ts`), args)
  try {
    await messageOf(child)
    const start = performance.now()
    child.send('go')
    const report = (await messageOf(child)) as Report
    const seconds = (performance.now() - start) / 1000
    if (report.digest !== digest) throw new Error(`the receiver ${name} got other bytes`)
    return { seconds, memory: report.memory }
  } finally {
    child.kill('SIGKILL')
  }
}

async function messageOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('the receiver ended early')
  })
  const [message] = await Promise.race([once(child, 'message'), ended])
  return message
}
