/** The registry as users start it: a separate process, used over HTTP, that a test may end in any way. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from './child-process.ts'
import { openTemporaryFolder } from './temporary-folder.ts'

/** What is built, where the project of the test has it built (`build.ts`); else the sources. */
const PROGRAM = process.env['FLOTILLA_TEST_BUILD'] ? '../../dist/flotilla.js' : '../../src/node/cli/main.ts'
const MAIN = fileURLToPath(new URL(PROGRAM, import.meta.url))
const LISTENING = /^listening on (http:\/\/[\d.]+:\d+)\/?\n/m

export interface RegistryOptions {
  /** The data folder; it stays when the registry is disposed of. Default: a temporary one that goes. */
  data?: string
  /** Variables added to those of the test run; `undefined` takes one away. */
  environment?: Record<string, string | undefined>
  /** The text of a configuration file (YAML). */
  config?: string
  /** Further arguments of `serve`. */
  arguments?: string[]
  /**
   * Joins a swarm of exactly these peers and of those that dial it: their multiaddrs. Default: no swarm, so that tests of
   * other things are fast; with FLOTILLA_TEST_SWARM=on, a swarm without anyone else in it.
   */
  swarm?: readonly string[]
  /** A program that starts it, with its arguments, such as one that enters a network namespace. */
  launcher?: readonly string[]
  /** Where it listens for HTTP. Default: loopback, on any port. */
  address?: string
}

export interface RegistryProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; another one after a restart. */
  readonly url: string
  /** `http://localhost:PORT`, where people are sent to who open its page. */
  readonly page: string
  /** `127.0.0.1:PORT`, as it stands in image references. */
  readonly host: string
  readonly pid: number
  readonly data: string
  /** Standard output and error since the last start. */
  output(): string
  /** Asks for a graceful stop (SIGTERM) and gives the exit code, null when a signal ended the process. */
  stop(): Promise<number | null>
  /** Ends the process without warning (SIGKILL). */
  kill(): Promise<void>
  /** Starts again on the same data, after a graceful stop where the process still runs. */
  restart(): Promise<void>
}

/** Gives a registry that listens; fails with its output when it does not come to that. */
export const startRegistry = async (options: RegistryOptions = {}): Promise<RegistryProcess> => {
  await using undo = new AsyncDisposableStack()
  const folder = undo.use(await openTemporaryFolder())
  const data = options.data ?? join(folder.path, 'data')
  await mkdir(data, { recursive: true })
  const commandLine = ['serve', ...(await configFile(folder.path, options.config))]
  const address = options.address ?? '127.0.0.1:0'
  commandLine.push('--addr', address, '--data', data, ...(options.arguments ?? []))

  const environment = { ...process.env, ...swarmVariables(options.swarm), ...options.environment }
  const launch = [...(options.launcher ?? []), process.execPath, MAIN, ...commandLine]
  const start = () => startListening(launch, environment)
  let current = await start()
  undo.defer(async () => void (await current.child.end('SIGKILL')))
  const resources = undo.move()
  return {
    get url() {
      return current.url
    },
    get page() {
      return current.url.replace('//127.0.0.1:', '//localhost:')
    },
    get host() {
      return new URL(current.url).host
    },
    get pid() {
      return current.child.pid
    },
    data,
    output: () => current.child.output(),
    stop: () => current.child.end('SIGTERM'),
    async kill() {
      await current.child.end('SIGKILL')
    },
    async restart() {
      await current.child.end('SIGTERM')
      current = await start()
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const configFile = async (folder: string, text: string | undefined): Promise<string[]> => {
  if (text === undefined) return []
  const path = join(folder, 'config.yml')
  await writeFile(path, text)
  return [path]
}

/** Without mDNS, so that tests which run at the same time do not meet. */
const swarmVariables = (peers: readonly string[] | undefined): Record<string, string> => {
  if (!peers && process.env.FLOTILLA_TEST_SWARM !== 'on') return { REGISTRY_SWARM_ENABLED: 'false' }
  return { REGISTRY_SWARM_MDNS: 'false', REGISTRY_SWARM_BOOTSTRAP: JSON.stringify(peers ?? []) }
}

const startListening = async (
  [program, ...programArguments]: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ child: Child; url: string }> => {
  const child = startChild(program!, programArguments, environment)
  try {
    const [, url] = await child.waitFor(LISTENING)
    return { child, url: url! }
  } catch (error) {
    await child.end('SIGKILL')
    throw error
  }
}
