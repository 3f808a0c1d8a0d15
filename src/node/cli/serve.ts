/** `flotilla serve`: from the command line to a registry that answers, and to a stop that loses no request. */
import { resolve } from 'node:path'
import type { Config } from '../../core/config.ts'
import { ConfigurationError } from '../config/error.ts'
import { loadConfig, type Sources } from '../config/load.ts'
import { createLog } from '../log.ts'
import { version } from '../version.ts'
import { catchForServing } from './attempt.ts'
import { collectAtRest } from './collect-at-rest.ts'
import { exitWith } from './exit.ts'
import { failureText } from './failure.ts'
import { reasonOf } from './reason.ts'
import { stopOnSignal } from './signals.ts'
import { welcome } from './welcome.ts'

export async function serve(sources: Omit<Sources, 'environment'>): Promise<void> {
  const { config, warnings } = await loadConfig({ ...sources, environment: process.env }).catch((error) =>
    exitWith(error instanceof ConfigurationError ? error.lines : [reasonOf(error)]),
  )
  const log = await createLog(config.log)
  for (const warning of warnings) log.warn(warning)
  catchForServing(log)
  const { openServer } = await import('../server.ts')
  const opening = openServer({ config, log })
  stopOnSignal(opening, log)
  const { url, page } = await opening.catch((error) => exitWith([failureText(error, config)]))
  collectAtRest()
  process.stdout.write(welcome({ version, url, data: dataOf(config), page }))
}

function dataOf({ storage }: Config): string {
  return storage.filesystem ? resolve(storage.filesystem.rootdirectory) : 'memory, until the registry stops'
}
