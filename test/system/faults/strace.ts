/**
 * Makes system calls of a running process fail, as a broken or full disk would, or end it there, by strace; and tells of
 * the calls it makes.
 */

import { readdir, readFile } from 'node:fs/promises'
import { startChild } from '../../support/child-process.ts'

export interface Trace extends AsyncDisposable {
  /** Lets go of the process and gives the calls that were seen, a line each. */
  end(): Promise<string[]>
}

/** The two kinds of threads that touch the disk: SQLite works on the main one, everything else in the pool. */
export type ThreadName = 'MainThread' | 'libuv-worker'

/** Where the registry makes a call that changes files: only what waits for the device is handed to the pool. */
export const threadOf = (call: string): ThreadName => (call === 'rename' ? 'MainThread' : 'libuv-worker')

/** A moment in what the process does. */
export interface Call {
  readonly call: string
  readonly thread: ThreadName
  /** Counted from 1, in each thread. */
  readonly nth: number
}

export interface Failure extends Call {
  readonly error: 'EIO' | 'ENOSPC'
}

/** The call fails without being done. */
export const injectFailure = (pid: number, { error, ...call }: Failure): Promise<Trace> =>
  inject(pid, call, `error=${error}`)

/** The process ends by SIGKILL before the call is done. */
export const injectKill = (pid: number, call: Call): Promise<Trace> => inject(pid, call, 'signal=KILL')

const inject = async (pid: number, { call, thread, nth }: Call, fault: string): Promise<Trace> =>
  attach(await threadsOf(pid, thread), ['-e', `trace=${call}`, '-e', `inject=${call}:${fault}:when=${nth}`])

/** Watches all threads' calls that have to do with `path`. */
export const watch = (pid: number, calls: readonly string[], path: string): Promise<Trace> =>
  attach([pid], ['-f', '-e', `trace=${calls.join()}`, '-P', path])

/** Watches to whom any thread sends what. */
export const watchSending = (pid: number): Promise<Trace> =>
  attach([pid], ['-f', '-e', 'trace=connect,sendto,sendmsg,sendmmsg'])

export const wasInjected = (lines: readonly string[]): boolean =>
  lines.some((line) => line.endsWith('(INJECTED)'))

const attach = async (threads: readonly number[], options: readonly string[]): Promise<Trace> => {
  const child = startChild('strace', [...options, ...threads.flatMap((thread) => ['-p', String(thread)])])
  const end = async (): Promise<string[]> => {
    await child.end('SIGINT')
    return child.output().split('\n')
  }
  await child.waitFor(new RegExp(`(attached[^]*){${threads.length}}`))
  return { end, [Symbol.asyncDispose]: async () => void (await end()) }
}

const threadsOf = async (pid: number, name: ThreadName): Promise<number[]> => {
  const threads = await readdir(`/proc/${pid}/task`)
  const names = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/comm`, 'utf8')),
  )
  return threads.filter((_, at) => names[at]!.trim() === name).map(Number)
}
