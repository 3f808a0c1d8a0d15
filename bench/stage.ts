/**
 * Opens the stages on which scenarios run, and leaves nothing of them behind.
 */
import { execFile } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Size, Stage } from './scenario.ts'
import type { Server } from './server/process.ts'
import type { Registry } from './server/registries.ts'

export interface OpenStage extends Stage {
  /** Stops the servers, removes the folder, and waits until the disk has caught up with that. */
  close(): Promise<void>
}

export function openStage(folder: string, registry: Registry, size: Size): OpenStage {
  const servers: Server[] = []
  const stageAt = (place: string): Stage => {
    const dataFolder = join(place, 'data')
    mkdirSync(dataFolder, { recursive: true })
    const start = async (other = registry): Promise<Server> => {
      const server = await other.start(dataFolder)
      servers.push(server)
      return server
    }
    return { dataFolder, size, start, within: (inner) => stageAt(join(place, inner)) }
  }
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
    await rm(folder, { recursive: true, force: true })
    await promisify(execFile)('sync', { timeout: 60_000 })
  }
  return { ...stageAt(folder), close }
}
