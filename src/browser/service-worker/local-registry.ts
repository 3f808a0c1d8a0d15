/** The registry of this browser: the same core as on a server, over the browser's own disk, database and peers. */

import { createArchiveRoute } from '../../core/archive/route.ts'
import { assemble } from '../../core/assemble.ts'
import { createFetch } from '../../core/http/fetch.ts'
import type { Handler } from '../../core/http/message.ts'
import type { Log } from '../../core/log.ts'
import { CANONICAL } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import type { Eviction } from '../../core/store/eviction.ts'
import { blobOf } from '../disk/file-content.ts'
import { createHash } from '../hash.ts'
import { readSettings, type Settings, watchSettings } from '../settings.ts'
import { openOrRebuild } from '../sqlite/open-or-rebuild.ts'
import { JOIN_TIMEOUT, joinSwarm } from '../swarm/join.ts'
import { createRoutes } from '../swarm/routes.ts'
import { createTabNetwork } from '../swarm/tab/network.ts'
import { verify } from '../swarm/verify.ts'
import { config } from './config.ts'
import type { Closable } from './exclusive.ts'
import { forward } from './forward.ts'
import { CATALOG, openHome } from './home.ts'
import { ownRoutes } from './own-routes.ts'
import { createPageAddress } from './page-address.ts'

export interface LocalRegistry extends Closable {
  readonly answer: Handler
  /** Of a peer's registry. @throws RegistryError */
  forward(request: Request): Promise<Response>
  /** What a page has posted to the worker. */
  receive(event: { readonly data: unknown; readonly source: unknown }): void
}

export interface LocalRegistryParts {
  readonly clients: Clients
  /** Compiles the WebAssembly of SQLite. */
  readonly wasm: () => Promise<WebAssembly.Module>
  /** Told when it has to be closed and opened again, because its catalog is malformed. */
  readonly onMalformed: () => void
  readonly log: Log
}

/** Milliseconds after the opening: who has woken the worker is answered first. */
const BACKGROUND_DELAY = 1000

/** Milliseconds: pages push one layer right after the other, and who frees space has seen what is under way. */
const QUIET = 5000

/** @throws RegistryError UNAVAILABLE where the browser has no storage for this page, 507 where there is no room */
export async function openLocalRegistry(parts: LocalRegistryParts): Promise<LocalRegistry> {
  try {
    return await open(parts)
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    const message = 'this browser gives the page no storage, as in some private windows'
    throw new RegistryError('UNAVAILABLE', message, {
      detail: { reason: 'no-storage', cause: String(cause) },
      cause,
    })
  }
}

async function open({ clients, wasm, onMalformed, log }: LocalRegistryParts): Promise<LocalRegistry> {
  await using opened = new AsyncDisposableStack()
  const hash = createHash(CANONICAL) // compiled before SQLite, behind whose optimization it would wait in WebKit
  hash.catch(() => {}) // told of by the first push
  const compiled = wasm() // while the disk is opened
  const settings = readSettings()
  settings.catch(() => {}) // awaited below
  const { disk, names, reserve, close } = await openHome()
  opened.defer(close)
  const restored = reserve.restore().catch(() => {}) // there may be no room for it yet
  const database = await openOrRebuild(CATALOG, { disk, names, wasm: () => compiled, onMalformed, log })
  opened.defer(() => database.close())
  await restored
  const estimate = () => navigator.storage.estimate()
  const times = { joinTimeout: JOIN_TIMEOUT, backgroundDelay: BACKGROUND_DELAY, quiet: QUIET }
  const platform = { disk, database, estimate, reserve, ...times }
  const assembly = await assemble({ ...platform, config, log })
  opened.defer(assembly.close)
  opened.defer(await followBudget(assembly.store.keeping, settings))

  const tab = createTabNetwork({ clients, locks: navigator.locks, settings: readSettings, verify })
  const swarm = joinSwarm({ assembly, tab, origin: location.origin, settings: readSettings, log })
  opened.defer(swarm.close)
  const { repositories } = assembly.store.catalog
  const hasImages = async () => (await repositories.list({ limit: 1 })).length > 0
  const routes = [
    assembly.owner,
    createPageAddress({ origin: location.origin, hasImages }),
    createRoutes({ tab: () => tab.status, http: swarm.http, peerLists: assembly.peerLists, log }),
    createArchiveRoute(createFetch(assembly.registry, { blobOf }), { createHash, log }),
  ]
  const resources = opened.move()
  return {
    answer: ownRoutes(routes, assembly.registry, log),
    forward: (request) => forward(request, swarm.registryOf),
    receive: tab.receive,
    close: () => resources.disposeAsync(),
  }
}

/** The user may change it at any time, in any tab. */
async function followBudget(keeping: Eviction, first: Promise<Settings>): Promise<() => void> {
  const follow = async (settings: Promise<Settings>) => keeping.setBudget((await settings).budget)
  await follow(first)
  return watchSettings(() => void follow(readSettings()).catch(() => {})) // as it was, until the next change
}
