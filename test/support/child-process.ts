/** A long-running program started by a test: its output is kept, and it never outlives the test run. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

export interface Child {
  readonly pid: number
  readonly running: boolean
  /** All that the program has written, both streams in order of arrival. */
  output(): string
  /** Waits for output that matches; fails when the program ends first or `timeout` milliseconds pass. */
  waitFor(pattern: RegExp, timeout?: number): Promise<RegExpExecArray>
  /**
   * Sends the signal and waits for the end: the exit code, or null when a signal ended the program; fails when it does
   * not end.
   */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Milliseconds; tests have a minute at least. */
const LATEST_END = 50_000

export const startChild = (
  program: string,
  programArguments: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Child => {
  const child = spawn(program, programArguments, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = endOf(child)
  const collected: string[] = []
  const collect = (text: string) => void collected.push(text)
  child.stdout.setEncoding('utf8').on('data', collect)
  child.stderr.setEncoding('utf8').on('data', collect)
  endWithTestRun(child)

  const running = () => child.exitCode === null && child.signalCode === null
  const output = () => collected.join('')
  return {
    get pid() {
      return child.pid!
    },
    get running() {
      return running()
    },
    output,
    async waitFor(pattern, timeout = 50_000) {
      const deadline = Date.now() + timeout
      for (;;) {
        const hasEnded = !running()
        if (hasEnded) await Promise.race([ended, delay(1000)]) // what it has written may be on its way here
        const match = pattern.exec(output())
        if (match) return match
        if (hasEnded) throw new Error(`${program} ended before ${pattern} was seen:\n${output()}`)
        if (Date.now() > deadline) throw new Error(`${program} did not show ${pattern}:\n${output()}`)
        await delay(10)
      }
    },
    async end(signal) {
      if (running()) child.kill(signal)
      const late = delay(LATEST_END, 'late' as const, { ref: false })
      const code = await Promise.race([ended, late])
      if (code === 'late') throw new Error(`${program} did not end at ${signal}:\n${output()}`)
      return code
    },
  }
}

const endOf = async (child: ChildProcess): Promise<number | null> => {
  const [code] = await once(child, 'close')
  return code
}

const endWithTestRun = (child: ChildProcess): void => {
  const kill = () => void child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('close', () => process.off('exit', kill))
}
