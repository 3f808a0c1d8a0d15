/** Stops a registry without losing requests: the first signal closes it, the second one ends the process at once. */
import { constants } from 'node:os'
import type { Log } from '../../core/log.ts'
import type { Server } from '../server.ts'

/** @param opening - may still be pending, because a signal can arrive at any moment */
export function stopOnSignal(opening: Promise<Pick<Server, 'leave'>>, log: Log): void {
  let isStopping = false
  const stop = async (signal: 'SIGINT' | 'SIGTERM') => {
    if (isStopping) process.exit(128 + constants.signals[signal])
    isStopping = true
    log.info('stopping', { signal })
    const server = await opening
    const { mayExit } = await server.leave()
    if (mayExit) process.exit(0)
    replaceProcess()
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

/**
 * An end of the process with code 0, while native threads run that cannot be stopped without danger. `process.exit` runs
 * the destructors of C++, which take locks and objects from under those threads, and one of them may abort the process.
 * The kernel ends them without a word where another program takes the place of this one: Node, as it is there wherever a
 * registry runs.
 */
export function replaceProcess(): never {
  const { NODE_OPTIONS: _, ...environment } = process.env
  process.execve?.(process.execPath, [process.execPath, '--eval', '0'], environment)
  process.exit(0) // Windows cannot
}
