/** The registry of this browser: the same core as on a server, on top of the browser's disk, database and peers. */

import { createApi } from '../../core/api/api.ts'
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
import { JOIN_TIMEOUT_MS, joinSwarm } from '../swarm/join.ts'
import { createRoutes } from '../swarm/routes.ts'
import { createTabNetwork } from '../swarm/tab/network.ts'
import { verify } from '../swarm/verify.ts'
import { config } from './config.ts'
import type { Closable } from './exclusive.ts'
import { forward } from './forward.ts'
import { createPageAddress } from './page-address.ts'
import { CATALOG, openStorage } from './storage.ts'

export interface LocalRegistry extends Closable {
  readonly handle: Handler
  /** Sends the request to a peer's registry. @throws RegistryError */
  forward(request: Request): Promise<Response>
  /** Takes a message that a page has posted to the worker. */
  receive(event: { readonly data: unknown; readonly source: unknown }): void
}

export interface LocalRegistryDeps {
  readonly clients: Clients
  /** Compiles the WebAssembly of SQLite. */
  readonly wasm: () => Promise<WebAssembly.Module>
  /** Called when the catalog is malformed: close the registry and open it again. */
  readonly onMalformed: () => void
  readonly log: Log
}

/** Background work starts this much later, so that the request that started the worker comes first. */
const BACKGROUND_DELAY_MS = 1000

/** Without requests for this long, no push is under way: pages push one layer right after the other. */
const PUSH_GAP_MS = 5000

/** @throws RegistryError UNAVAILABLE if the browser gives the page no storage; with status 507 if the storage is full */
export async function openLocalRegistry(deps: LocalRegistryDeps): Promise<LocalRegistry> {
  try {
    return await open(deps)
  } catch (cause) {
    if (cause instanceof RegistryError) throw cause
    const message = 'this browser gives the page no storage, as in some private windows'
    throw new RegistryError('UNAVAILABLE', message, {
      detail: { reason: 'no-storage', cause: String(cause) },
      cause,
    })
  }
}

async function open({ clients, wasm, onMalformed, log }: LocalRegistryDeps): Promise<LocalRegistry> {
  await using opened = new AsyncDisposableStack()
  const hash = createHash(CANONICAL) // before SQLite, because WebKit compiles one after the other
  hash.catch(() => {}) // the first push reports it
  const compiled = wasm() // while the disk opens
  const settings = readSettings()
  settings.catch(() => {}) // awaited below
  const { disk, names, reserve, close } = await openStorage()
  opened.defer(close)
  const restored = reserve.restore().catch(() => {}) // there may not be enough free space yet
  const database = await openOrRebuild(CATALOG, { disk, names, wasm: () => compiled, onMalformed, log })
  opened.defer(() => database.close())
  await restored
  const estimate = () => navigator.storage.estimate()
  const assembly = await assemble({
    disk,
    database,
    estimate,
    reserve,
    config,
    log,
    joinTimeoutMs: JOIN_TIMEOUT_MS,
    backgroundDelayMs: BACKGROUND_DELAY_MS,
    pushGapMs: PUSH_GAP_MS,
  })
  opened.defer(assembly.close)
  opened.defer(await followBudget(assembly.store.eviction, settings))

  const tab = createTabNetwork({ clients, locks: navigator.locks, settings: readSettings, verify })
  const swarm = joinSwarm({ assembly, tab, origin: location.origin, settings: readSettings, log })
  opened.defer(swarm.close)
  const { repositories } = assembly.store.catalog
  const hasImages = async () => (await repositories.list({ limit: 1 })).length > 0
  const handlers = {
    ...assembly.admin,
    ...createPageAddress({ origin: location.origin, hasImages }),
    ...createRoutes({ tab: () => tab.status, http: swarm.http, peerLists: assembly.peerLists }),
    ...createArchiveRoute(createFetch(assembly.registry, { blobOf }), { createHash }),
  }
  const api = createApi(handlers, { log })
  const resources = opened.move()
  return {
    handle: (request) =>
      request.target.startsWith('/flotilla')
        ? api.answer(request, api.find(request.target))
        : assembly.registry(request),
    forward: (request) => forward(request, swarm.registryOf),
    receive: tab.receive,
    close: () => resources.disposeAsync(),
  }
}

/** Applies the budget now and whenever the user changes it, in any tab. */
async function followBudget(eviction: Eviction, first: Promise<Settings>): Promise<() => void> {
  const follow = async (settings: Promise<Settings>) => eviction.setBudget((await settings).budget)
  await follow(first)
  return watchSettings(() => void follow(readSettings()).catch(() => {})) // keeps the old budget until the next change
}
