/** Watches a registry while it is attacked: how long it takes to answer others, and how much memory it takes. */
import { fileURLToPath } from 'node:url'
import { startChild } from '../../../support/child-process.ts'
import type { RegistryProcess } from '../../../support/registry-process.ts'
import type { Watched } from './watcher.ts'

const PROGRAM = fileURLToPath(new URL('watcher.ts', import.meta.url))

export interface Watch extends AsyncDisposable {
  /** Ends the watch. */
  end(): Promise<Watched>
}

/** Watches from a separate process, so that an attack which keeps the test's process busy does not count. */
export async function watch({ url, pid }: Pick<RegistryProcess, 'url' | 'pid'>): Promise<Watch> {
  const child = startChild(process.execPath, [PROGRAM, url, String(pid)])
  await child.waitFor(/^watching\n/m)
  return {
    async end() {
      await child.end('SIGTERM')
      return JSON.parse(child.output().split('\n').at(-2)!) as Watched
    },
    [Symbol.asyncDispose]: async () => void (await child.end('SIGKILL')),
  }
}
