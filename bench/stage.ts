/**
 * Opens the stages on which scenarios run, and leaves nothing of them behind.
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { readdir, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Size, Stage, StartOptions } from './scenario.ts'
import type { Server } from './server/process.ts'
import type { Registry } from './server/registries.ts'

export interface OpenStage extends Stage {
  /**
   * Stops the servers, gives the room back, and waits until the disk has caught up with that. The names stay until the
   * benchmark ends: ext4 looks through recently deleted inodes whenever a file is made, so cleaning up after one round
   * would slow down the next.
   */
  close(): Promise<void>
}

export function openStage(folder: string, registry: Registry, size: Size): OpenStage {
  const servers: Server[] = []
  const stageAt = (place: string): Stage => {
    const dataFolder = join(place, 'data')
    mkdirSync(dataFolder, { recursive: true })
    const start = async (options: StartOptions = {}): Promise<Server> => {
      const server = await (options.registry ?? registry).start(dataFolder, options.environment)
      servers.push(server)
      return server
    }
    return { dataFolder, size, start, within: (inner) => stageAt(join(place, inner)) }
  }
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
    await empty(folder)
    await promisify(execFile)('sync', { timeout: 60_000 })
  }
  return { ...stageAt(folder), close }
}

const LARGE = 2 ** 20

/** Takes the content of all large files. */
async function empty(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && (await stat(path)).size > LARGE) await truncate(path)
  }
}
