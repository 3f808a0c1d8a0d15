/** The registry as users start it: a process of its own, asked over HTTP, that a test may end in any way. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from './child-process.ts'
import { openTemporaryFolder } from './temporary-folder.ts'

const MAIN = fileURLToPath(new URL('../../src/node/cli/main.ts', import.meta.url))
const LISTENING = /^listening on (http:\/\/127\.0\.0\.1:\d+)\/?$/m

export interface RegistryOptions {
  /** The data folder; it stays when the registry is disposed of. Default: a temporary one that goes. */
  data?: string
  /** Variables added to those of the test run. */
  environment?: Record<string, string>
  /** The text of a configuration file (YAML). */
  config?: string
  /** Further arguments of `serve`. */
  arguments?: string[]
}

export interface RegistryProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; another one after a restart. */
  readonly url: string
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
  commandLine.push('--addr', '127.0.0.1:0', '--data', data, ...(options.arguments ?? []))

  const start = () => startListening(commandLine, { ...process.env, ...options.environment })
  let current = await start()
  undo.defer(async () => void (await current.child.end('SIGKILL')))
  const resources = undo.move()
  return {
    get url() {
      return current.url
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

const startListening = async (
  commandLine: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ child: Child; url: string }> => {
  const child = startChild(process.execPath, [MAIN, ...commandLine], environment)
  try {
    const [, url] = await child.waitFor(LISTENING)
    return { child, url: url! }
  } catch (error) {
    await child.end('SIGKILL')
    throw error
  }
}
