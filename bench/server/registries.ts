/**
 * The registries that are compared, and how each is started on an empty data folder.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Command, type Environment, type Server, startServer } from './process.ts'

export interface Registry {
  readonly name: string
  readonly version: string
  start(dataFolder: string, environment?: Environment): Promise<Server>
}

export const HOME = join(import.meta.dirname, '../..')
export const SOURCES = join(HOME, 'src/node/cli/main.ts')
export const BUNDLE = join(HOME, 'dist/flotilla.js')
const DISTRIBUTION = '/usr/bin/docker-registry'

/** Ours, from its sources or from the bundle, by the Node that runs the benchmark. */
export function flotilla(entry: string): Registry {
  if (!existsSync(entry)) throw new Error(`there is no ${entry.slice(HOME.length + 1)}: build it first`)
  const { version } = JSON.parse(readFileSync(join(HOME, 'package.json'), 'utf8'))
  const start = (dataFolder: string, environment: Environment = {}) =>
    startServer((port) => flotillaCommand(entry, port, dataFolder, environment))
  return { name: 'Flotilla', version, start }
}

/** The reference: Debian's build of Distribution, with the descriptor cache of Debian's configuration. */
export function distribution(): Registry {
  if (!existsSync(DISTRIBUTION)) {
    throw new Error('docker-registry is not installed. On Debian or Ubuntu: apt-get install docker-registry')
  }
  const version =
    execFileSync(DISTRIBUTION, ['--version'], { encoding: 'utf8' }).trim().split(' ').at(-1) ?? ''
  return { name: 'docker-registry', version, start: startDistribution }
}

/** In a swarm that no stranger on this network joins. */
function flotillaCommand(entry: string, port: number, dataFolder: string, more: Environment): Command {
  return {
    file: process.execPath,
    data: dataFolder,
    args: [entry, 'serve', '--addr', `127.0.0.1:${port}`, '--data', dataFolder],
    environment: {
      REGISTRY_STORAGE_DELETE_ENABLED: 'true',
      REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
      REGISTRY_LOG_LEVEL: 'error',
      REGISTRY_SWARM_MDNS: 'false',
      ...more,
    },
  }
}

function startDistribution(dataFolder: string): Promise<Server> {
  return startServer((port) => {
    const file = `${dataFolder}.yml`
    writeFileSync(file, distributionConfiguration(port, dataFolder))
    return { file: DISTRIBUTION, args: ['serve', file] }
  })
}

const distributionConfiguration = (port: number, dataFolder: string): string => `version: 0.1
log: { level: error, accesslog: { disabled: true } }
storage:
  cache: { blobdescriptor: inmemory }
  filesystem: { rootdirectory: ${JSON.stringify(dataFolder)} }
  delete: { enabled: true }
http: { addr: 127.0.0.1:${port} }
`
