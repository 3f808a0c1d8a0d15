/** Wires the rooms into a registry; the only file that knows them all. */

import { type AdminApi, createAdminApi } from './admin/admin.ts'
import type { AdminServices } from './admin/context.ts'
import type { Disk } from './blobs/ports.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { Database } from './catalog/database.ts'
import type { Config } from './config.ts'
import { createLeafQueue } from './dag/leaf-queue.ts'
import { type HashLeaves, hashLeaves } from './dag/leaves.ts'
import type { Pinner } from './dag/pin-queue.ts'
import { createPinQueue } from './dag/pin-queue.ts'
import type { Handler } from './http/message.ts'
import type { Log } from './log.ts'
import { type DigestOf, digestOf } from './oci/digest.ts'
import { checkUrls } from './registry/manifest-rules.ts'
import { createManifestReceiver } from './registry/receive-manifest.ts'
import { createRegistry } from './registry/registry.ts'
import type { Reserve } from './store/free-space.ts'
import { startPurging } from './store/purge.ts'
import type { ExplainAbsence } from './store/remote.ts'
import { openStore, type Store } from './store/store.ts'
import { createDeferred, createDeferredRemote } from './swarm/deferred-remote.ts'
import type { PeerLists } from './swarm/lookup/peer-lists.ts'
import { createSharePolicy, type SharePolicy } from './swarm/serve/share-policy.ts'
import { createSwarm, type Swarm, type SwarmPlatform } from './swarm/swarm.ts'

export interface Assembly {
  readonly registry: Handler
  /** The admin API, for the user to whom the registry belongs. The HTTP adapter lets nobody else in. */
  readonly admin: AdminApi
  readonly store: Store
  readonly sharing: SharePolicy
  /** What peers say they have; `undefined` if there is no swarm, or none in time. */
  peerLists(): Promise<PeerLists | undefined>
  /**
   * Connects the registry to a swarm, without which it uses no peers. To be called once. Without a pinner, nothing is
   * offered to IPFS.
   */
  join(platform: SwarmPlatform & { readonly pinner?: Pinner }): Swarm
  /** There will be no swarm: requests stop waiting for {@link join}. */
  stayAlone(): void
  /** Ends the work in the background. The caller closes disk and database. */
  close(): Promise<void>
}

export interface AssemblyDeps {
  readonly disk: Disk
  readonly database: Database
  readonly config: Config
  readonly log: Log
  /** The platform's own hash functions, if they are faster. */
  readonly hashLeaves?: HashLeaves
  readonly digestOf?: DigestOf
  /** Needed where a full storage would leave no space for the catalog. */
  readonly reserve?: Reserve
  /** The platform's estimate of its storage. */
  readonly estimate?: AdminServices['estimate']
  /** Milliseconds for which a lookup waits for {@link Assembly.join}; `swarm.timeout` by default. */
  readonly joinTimeoutMs?: number
  /** The longest time from one request of a push to the next, in milliseconds; a minute by default. */
  readonly pushGapMs?: number
  /** Milliseconds until work in the background starts, which slows the database down; none by default. */
  readonly backgroundDelayMs?: number
}

export async function assemble(deps: AssemblyDeps): Promise<Assembly> {
  const { disk, database, config, log } = deps
  const { validation, swarm: settings } = config
  const common = {
    config,
    log,
    digestOf: deps.digestOf ?? digestOf,
    manifestReceiver: createManifestReceiver(),
  }
  await using opened = new AsyncDisposableStack()
  const { uploadpurging, orphans, readonly } = config.storage.maintenance
  const budget = readonly.enabled ? null : (settings.cache.budget ?? null)
  const store = await openStore(disk, database, {
    budget,
    reserve: deps.reserve,
    pushGapMs: deps.pushGapMs,
    log,
  })
  opened.defer(() => store.eviction.close())
  const { catalog } = store
  const leaves = createLeafQueue(disk, catalog, deps.hashLeaves ?? hashLeaves, log)
  opened.defer(leaves.close)
  store.changes.subscribe(leaves.wake)
  store.eviction.wake()
  opened.defer(
    begin(deps.backgroundDelayMs, () => {
      leaves.wake()
      return readonly.enabled ? () => {} : startPurging(store, { uploadpurging, orphans }, log)
    }),
  )
  const mayFetch = settings.enabled && !readonly.enabled
  const joinTimeout = deps.joinTimeoutMs ?? settings.timeout
  const remote = mayFetch ? createDeferredRemote(joinTimeout) : undefined
  const joining = createDeferred<Swarm>(joinTimeout)
  if (!settings.enabled) joining.resolve(undefined)
  const explain: ExplainAbsence = async (...request) =>
    joining.current ? joining.current.explain(...request) : { reason: 'no-peer' }
  const peerLists = async () => (await joining.wait())?.lists
  const sharing = createSharePolicy(settings.share, catalog)
  const isShared = sharing.shares
  const background = opened.move()
  return {
    registry: createRegistry({ ...common, store, remote, explain: mayFetch ? explain : undefined }),
    admin: createAdminApi({ ...common, store, remote, peerLists, estimate: deps.estimate }),
    store,
    sharing,
    peerLists,
    join({ pinner, ...platform }) {
      const check: Parameters<typeof createSwarm>[0]['check'] = (manifest) => checkUrls(manifest, validation)
      const swarm = createSwarm({ ...common, ...platform, store, disk, sharing, settings, check })
      background.defer(swarm.close)
      if (pinner) {
        const pins = createPinQueue({ catalog, pinner, isShared, log, onPinned: swarm.provide })
        background.defer(pins.close)
        store.changes.subscribe(pins.wake)
        leaves.hashed.subscribe(pins.wake)
        pins.wake()
      }
      swarm.provide()
      if (!platform.trusts && settings.key === undefined) void forgetUntrusted(catalog, settings.trust, log)
      remote?.resolve(swarm.remote)
      joining.resolve(swarm)
      return swarm
    },
    stayAlone() {
      remote?.resolve(undefined)
      joining.resolve(undefined)
    },
    close: () => background.disposeAsync(),
  }
}

/** Forgets tags of peers that the configuration no longer trusts. A platform with its own trust does so itself. */
async function forgetUntrusted(catalog: Catalog, trust: readonly string[], log: Log): Promise<void> {
  try {
    await catalog.transaction(({ tags }) => tags.forgetPeers(trust, { but: true }), { durable: false })
  } catch (error) {
    log.warn('tags of peers that are no longer trusted could not be removed', { err: error })
  }
}

/** Returns the function that ends the work, even before it has started. */
function begin(delay: number | undefined, start: () => () => void): () => void {
  if (delay === undefined) return start()
  let end: (() => void) | undefined
  const timer = setTimeout(() => {
    end = start()
  }, delay)
  return () => {
    clearTimeout(timer)
    end?.()
  }
}
