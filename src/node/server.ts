/** Opens a registry on Node: storage, the core, the HTTP server, and the swarm. */

import { hash } from 'node:crypto'
import { join } from 'node:path'
import { assemble } from '../core/assemble.ts'
import { createMemoryDisk } from '../core/blobs/memory-disk.ts'
import type { Disk } from '../core/blobs/ports.ts'
import type { Database } from '../core/catalog/database.ts'
import type { Config } from '../core/config.ts'
import type { Log } from '../core/log.ts'
import type { Digest, DigestOf } from '../core/oci/digest.ts'
import { openDataFolder } from './disk/data-folder.ts'
import { openFileSystemDisk } from './disk/file-system-disk.ts'
import { createApiRoute } from './http/api-route.ts'
import { createPeerEndpoint } from './http/peer-endpoint.ts'
import { openHttpServer } from './http/server.ts'
import { createFileHasher } from './leaves/pool.ts'
import { createToken, type OwnerAccess, removeOwnerFile, writeOwnerFile } from './owner-file.ts'
import { type CanonicalOrigin, createCanonicalOrigin } from './page/canonical-origin.ts'
import { createApps, createPage, findPage, type Page } from './page/page.ts'
import { createPageAddresses } from './page/page-addresses.ts'
import { openSqlite, openSqliteInMemory } from './sqlite.ts'
import type { JoinedSwarm, SwarmDeps } from './swarm/join.ts'
import { hasWebRtc } from './swarm/listen.ts'
import { skipLibp2pDefaults } from './swarm/skip-libp2p-defaults.ts'
import { createStatusRoute } from './swarm/status-route.ts'

export interface Server {
  readonly url: string
  /** The URL of the web page, if there is one. */
  readonly page: string | undefined
  close(): Promise<void>
  /** Like `close`, for a process that exits right after. */
  leave(): Promise<{
    /** Whether `process.exit` is safe: no native threads are running that could abort the process. */
    readonly mayExit: boolean
  }>
}

export async function openServer({ config, log }: { config: Config; log: Log }): Promise<Server> {
  await using opened = new AsyncDisposableStack()
  const { disk, database } = await openStorage(config.storage, log, opened)
  const assembly = await assemble({ disk, database, config, log, hashLeaves: createFileHasher(), digestOf })
  opened.defer(assembly.close)
  let swarm: Promise<JoinedSwarm | undefined> = Promise.resolve(undefined)
  let joined: JoinedSwarm | undefined
  const dataFolder = config.storage.filesystem?.rootdirectory
  const token = dataFolder === undefined ? undefined : createToken()
  const canonicalOrigin = createCanonicalOrigin(config.http)
  const handlers = {
    ...assembly.admin,
    ...createStatusRoute({ status: async () => (await swarm)?.status(), peerLists: assembly.peerLists }),
    ...createPageAddresses({ catalog: assembly.store.catalog, canonicalOrigin, config }),
    ...createPeerEndpoint({ config, peer: () => joined?.localPeer }),
  }
  const routes = [createApiRoute({ handlers, token, config, log })]
  const page = openPage(config, canonicalOrigin, log)
  const http = await openHttpServer(assembly.registry, config, log, { routes, page })
  opened.defer(http.close)
  if (dataFolder !== undefined && token !== undefined) {
    await publishAccess(dataFolder, { url: http.url, token }, log)
    opened.defer(() => removeOwnerFile(dataFolder).catch(() => {})) // a killed process leaves it behind, too
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
    page: page && `${canonicalOrigin(localUrl(http.url))}${config.http.prefix}`,
    close: () => resources.disposeAsync(),
    async leave() {
      isLeaving = true
      await resources.disposeAsync()
      return { mayExit: !hasWebRtc(config) }
    },
  }
}

/** If the file can't be written, for example on a full disk, the registry still runs, but commands don't find it. */
async function publishAccess(dataFolder: string, { url, token }: OwnerAccess, log: Log): Promise<void> {
  await writeOwnerFile(dataFolder, { url: localUrl(url), token }).catch((err) =>
    log.warn('commands will not find this registry, because owner.json cannot be written', { err }),
  )
}

/** The URL from this machine, if it listens on all interfaces. */
const localUrl = (url: string): string => url.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:)/, '//127.0.0.1')

function openPage({ http }: Config, canonicalOrigin: CanonicalOrigin, log: Log): Page | undefined {
  if (!http.page.enabled) return undefined
  const folder = findPage()
  if (!folder) log.info('there is no web page, because it was not built; run `npm run build`')
  const { apps, isolated: isIsolated } = http.page
  const options = { prefix: http.prefix, isIsolated, canonicalOrigin }
  const page = folder === undefined ? undefined : createPage(folder, options)
  return apps === undefined ? page : firstOf(createApps(apps, options), page)
}

const firstOf =
  (first: Page, second: Page = (_request, _response, next) => next()): Page =>
  (request, response, next) =>
    first(request, response, () => second(request, response, next))

/** Joins after HTTP is open, so that no client waits for libp2p to start. A registry that can't join works alone. */
async function joinLater(deps: SwarmDeps): Promise<JoinedSwarm | undefined> {
  if (deps.config.swarm.enabled) {
    try {
      skipLibp2pDefaults()
      const { joinSwarm } = await import('./swarm/join.ts')
      return await joinSwarm(deps)
    } catch (error) {
      const { joinErrorFields } = await import('./swarm/join-error.ts')
      deps.log.error('the swarm could not be joined; this registry is alone', joinErrorFields(error))
    }
  }
  deps.assembly.stayAlone()
  return undefined
}

/** Adds what it opens to `opened`, so that everything is closed in reverse order, also if a later step fails. */
async function openStorage(
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

export const digestOf: DigestOf = async (bytes, algorithm = 'sha256') =>
  `${algorithm}:${hash(algorithm, bytes, 'hex')}` as Digest
