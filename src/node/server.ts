/** A registry on this machine: the platform's parts under the core, behind its doorways. */
import { join } from 'node:path'
import { isAdminPath } from '../core/admin/admin.ts'
import { assemble } from '../core/assemble.ts'
import { createMemoryDisk } from '../core/blobs/memory-disk.ts'
import type { Disk } from '../core/blobs/ports.ts'
import type { Database } from '../core/catalog/database.ts'
import type { Config } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import { digestOf } from './digest.ts'
import { openDataFolder } from './disk/data-folder.ts'
import { openFileSystemDisk } from './disk/file-system-disk.ts'
import { createAdminRoute } from './http/admin-route.ts'
import { createPeerEndpoint } from './http/peer-endpoint.ts'
import { openHttpServer } from './http/server.ts'
import { createLeafThread } from './leaves/leaf-thread.ts'
import { createToken, type OwnerAccess, removeOwnerFile, writeOwnerFile } from './owner-file.ts'
import { findPage } from './page/folder.ts'
import { createOneAddress, type OneAddress } from './page/one-address.ts'
import { createApps, createPage, type Page } from './page/page.ts'
import { createPageAddresses } from './page/page-addresses.ts'
import { openSqlite, openSqliteInMemory } from './sqlite.ts'
import type { JoinedSwarm, SwarmParts } from './swarm/join.ts'
import { hasWebRtc } from './swarm/listen.ts'
import { createStatusRoute } from './swarm/status-route.ts'
import { leaveOutDefaults } from './swarm/without-defaults.ts'

export interface Server {
  readonly url: string
  /** Where people open the web page, if there is one. */
  readonly page: string | undefined
  close(): Promise<void>
  /** Closes all that a process needs to close before it ends, which it is to do at once. */
  leave(): Promise<{
    /** Whether `process.exit` is safe: no native threads run that would abort the process then. */
    readonly mayExit: boolean
  }>
}

export async function openServer({ config, log }: { config: Config; log: Log }): Promise<Server> {
  await using opened = new AsyncDisposableStack()
  const { disk, database } = await openParts(config.storage, log, opened)
  const assembly = await assemble({ disk, database, config, log, hashLeaves: createLeafThread(), digestOf })
  opened.defer(assembly.close)
  let swarm: Promise<JoinedSwarm | undefined> = Promise.resolve(undefined)
  let joined: JoinedSwarm | undefined
  const dataFolder = config.storage.filesystem?.rootdirectory
  const token = dataFolder === undefined ? undefined : createToken()
  const parts = [
    createStatusRoute({ status: async () => (await swarm)?.status(), peerLists: assembly.peerLists }),
    { has: isAdminPath, answer: assembly.owner },
  ]
  const oneAddress = createOneAddress(config.http)
  const routes = [
    createPageAddresses({ catalog: assembly.store.catalog, oneAddress, config, log }),
    createAdminRoute({ parts, token, config, log }),
    createPeerEndpoint({ config, log, peer: () => joined?.asked }),
  ]
  const page = openPage(config, oneAddress, log)
  const http = await openHttpServer(assembly.registry, config, log, { routes, page })
  opened.defer(http.close)
  if (dataFolder !== undefined && token !== undefined) {
    await tellOwner(dataFolder, { url: http.url, token }, log)
    opened.defer(() => removeOwnerFile(dataFolder).catch(() => {})) // whoever is killed leaves it, too
  }
  swarm = joinLater({ assembly, disk, config, dataFolder, log })
  swarm.then((value) => {
    joined = value
  })
  let isLeaving = false
  opened.defer(async () => (isLeaving ? (await swarm)?.leave() : (await swarm)?.close()))
  const resources = opened.move()
  return {
    url: http.url,
    page: page && `${oneAddress(hereOf(http.url))}${config.http.prefix}`,
    close: () => resources.disposeAsync(),
    async leave() {
      isLeaving = true
      await resources.disposeAsync()
      return { mayExit: !hasWebRtc(config) }
    },
  }
}

/** On a full disk the registry runs all the same; the commands do not reach it then. */
async function tellOwner(dataFolder: string, { url, token }: OwnerAccess, log: Log): Promise<void> {
  await writeOwnerFile(dataFolder, { url: hereOf(url), token }).catch((err) =>
    log.warn('the commands will not reach this registry: owner.json cannot be written', { err }),
  )
}

/** From this machine, also where it listens everywhere. */
const hereOf = (url: string): string => url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, '//127.0.0.1')

function openPage({ http }: Config, oneAddress: OneAddress, log: Log): Page | undefined {
  if (!http.page.enabled) return undefined
  const folder = findPage()
  if (!folder) log.info('there is no web page: it was not built, which `npm run build` does')
  const { apps, isolated: isIsolated } = http.page
  const options = { prefix: http.prefix, isIsolated, oneAddress }
  const page = folder === undefined ? undefined : createPage(folder, options)
  return apps === undefined ? page : besides(createApps(apps, options), page)
}

const besides =
  (first: Page, second: Page = (_request, _response, next) => next()): Page =>
  (request, response, next) =>
    first(request, response, () => second(request, response, next))

/** After HTTP answers: what libp2p takes to start, no client waits for. A registry that cannot join works alone. */
async function joinLater(parts: SwarmParts): Promise<JoinedSwarm | undefined> {
  if (parts.config.swarm.enabled) {
    try {
      leaveOutDefaults()
      const { joinSwarm } = await import('./swarm/join.ts')
      return await joinSwarm(parts)
    } catch (error) {
      const { whyAlone } = await import('./swarm/why-alone.ts')
      parts.log.error('the swarm could not be joined; this registry is alone', whyAlone(error))
    }
  }
  parts.assembly.stayAlone()
  return undefined
}

/** What is opened is closed in reverse, also where a later part fails to open. */
async function openParts(
  storage: Config['storage'],
  log: Log,
  opened: AsyncDisposableStack,
): Promise<{ disk: Disk; database: Database }> {
  if (!storage.filesystem) return { disk: createMemoryDisk(), database: await openSqliteInMemory() }
  const root = storage.filesystem.rootdirectory
  const modes = await openDataFolder(root, log)
  const disk = opened.adopt(await openFileSystemDisk(root, modes), (disk) => disk.close())
  const catalog = await openSqlite(join(root, 'catalog.db'), modes.file)
  const database = opened.adopt(catalog, (database) => database.close())
  return { disk, database }
}
