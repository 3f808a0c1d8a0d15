/** The registry of this browser: the same core as on a server, over the browser's own disk, database and peers. */
import { createArchiveRoute } from '../../core/archive/route.ts'
import { assemble } from '../../core/assemble.ts'
import { configSchema } from '../../core/config.ts'
import type { Log } from '../../core/log.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { createFetch } from '../../core/registry/fetch.ts'
import type { Registry } from '../../core/registry/registry.ts'
import type { Keeping } from '../../core/store/keeping.ts'
import { blobOf } from '../disk/file-content.ts'
import { openOpfsDisk } from '../disk/opfs-disk.ts'
import { createHash } from '../hash.ts'
import { readSettings, watchSettings } from '../settings.ts'
import { createNamesFile } from '../sqlite/names-file.ts'
import { openOrRebuild } from '../sqlite/open-or-rebuild.ts'
import { JOIN_TIMEOUT, joinSwarm } from '../swarm/join.ts'
import { createRoutes } from '../swarm/routes.ts'
import { createTabNetwork } from '../swarm/tab-network.ts'
import { verify } from '../swarm/verify.ts'
import { ownRoutes } from './own-routes.ts'
import type { Closable } from './possession.ts'
import { createReserve } from './reserve.ts'

export interface LocalRegistry extends Closable {
  readonly answer: Registry
  /** What a page has posted to the worker. */
  receive(event: { readonly data: unknown; readonly source: unknown }): void
}

export interface LocalRegistryParts {
  readonly clients: Clients
  /** Reads the WebAssembly of SQLite. */
  readonly wasm: () => Promise<ArrayBuffer>
  /** Told when it has to be closed and opened again, because its catalog is malformed. */
  readonly onMalformed: () => void
  readonly log: Log
}

/**
 * Who asks is the owner, so he may delete, and push images with layers that are elsewhere, such as those of Windows.
 * The schema wants a name for where things are kept; it does not matter here. Peers have more time than on a server,
 * since another tab may just be taking the lead; where all have said no, nobody waits for it.
 */
const config = configSchema.parse({
  version: 0.1,
  storage: { inmemory: {}, delete: { enabled: true } },
  swarm: { timeout: '2s' },
  validation: { manifests: { urls: { allow: ['^https://'] } } },
})

/** @throws RegistryError UNAVAILABLE where the browser has no storage for this page, 507 where there is no room */
export async function openLocalRegistry(parts: LocalRegistryParts): Promise<LocalRegistry> {
  try {
    return await open(parts)
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    const message = 'this browser gives the page no storage, as in some private windows'
    throw new RegistryError('UNAVAILABLE', message, { detail: String(cause), cause })
  }
}

async function open({ clients, wasm, onMalformed, log }: LocalRegistryParts): Promise<LocalRegistry> {
  await using opened = new AsyncDisposableStack()
  const binary = wasm() // while the disk is opened
  const root = await navigator.storage.getDirectory()
  const disk = await openOpfsDisk(root)
  const names = createNamesFile(root)
  const database = await openOrRebuild('flotilla', { disk, names, wasm: () => binary, onMalformed, log })
  opened.defer(() => database.close())
  const reserve = createReserve(root)
  await reserve.restore().catch(() => {}) // there may be no room for it yet
  const estimate = () => navigator.storage.estimate()
  const platform = { disk, database, estimate, reserve, joinTimeout: JOIN_TIMEOUT }
  const assembly = await assemble({ ...platform, config, log })
  opened.defer(assembly.close)
  opened.defer(await followBudget(assembly.store.keeping))

  const tab = createTabNetwork({ clients, locks: navigator.locks, settings: readSettings, verify })
  const swarm = joinSwarm({ assembly, tab, origin: location.origin, settings: readSettings, log })
  opened.defer(swarm.close)
  const routes = [
    assembly.owner,
    createRoutes({ tab: () => tab.status, http: swarm.http, log }),
    createArchiveRoute(createFetch(assembly.registry, { blobOf }), { createHash, log }),
  ]
  const resources = opened.move()
  return {
    answer: ownRoutes(routes, assembly.registry, log),
    receive: tab.receive,
    close: () => resources.disposeAsync(),
  }
}

/** The user may change it at any time, in any tab. */
async function followBudget(keeping: Keeping): Promise<() => void> {
  const follow = async () => keeping.setBudget((await readSettings()).budget)
  await follow()
  return watchSettings(() => void follow().catch(() => {})) // as it was, until the next change
}
