/** A stop that loses no request: the first signal asks the registry to close, the second one insists. */
import { constants } from 'node:os'
import type { Log } from '../../core/log.ts'

interface Closable {
  close(): Promise<void>
}

/** `opening` may be under way still, as a signal can come at any moment. */
export function stopOnSignal(opening: Promise<Closable>, log: Log): void {
  let isStopping = false
  const stop = async (signal: 'SIGINT' | 'SIGTERM') => {
    if (isStopping) process.exit(128 + constants.signals[signal])
    isStopping = true
    log.info('stopping', { signal })
    const server = await opening
    await server.close()
    process.exit(0)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
