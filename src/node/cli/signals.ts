/** A stop that loses no request: the first signal asks the registry to close, the second one insists. */
import { constants } from 'node:os'
import type { Log } from '../../core/log.ts'
import type { Server } from '../server.ts'
import { replaceProcess } from './replace-process.ts'

/** `opening` may be under way still, as a signal can come at any moment. */
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
