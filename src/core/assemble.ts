/** Wires the rooms to a registry: the only place that knows them all. */

import { type AdminApi, createAdminApi } from './admin/admin.ts'
import type { AdminServices } from './admin/context.ts'
import type { Disk } from './blobs/ports.ts'
import type { Catalog } from './catalog/catalog.ts'
import type { Database } from './catalog/database.ts'
import type { Config } from './config.ts'
import { createLeafQueue } from './dag/leaf-queue.ts'
import { type HashLeaves, hashLeaves } from './dag/leaves.ts'
import { createPinQueue } from './dag/pin-queue.ts'
import type { Pinner } from './dag/pinner.ts'
import type { Handler } from './http/message.ts'
import type { Log } from './log.ts'
import { type Digest, type DigestOf, digestOf } from './oci/digest.ts'
import { createManifestBodies } from './registry/manifest-bodies.ts'
import { checkUrls } from './registry/manifest-rules.ts'
import { createRegistry } from './registry/registry.ts'
import type { ExplainAbsence } from './store/absence.ts'
import type { Reserve } from './store/free-space.ts'
import { startPurging } from './store/purge.ts'
import { openStore, type Store } from './store/store.ts'
import { createDeferredRemote, createLater } from './swarm/deferred-remote.ts'
import type { PeerLists } from './swarm/lookup/peer-lists.ts'
import { createSharePolicy, type SharePolicy } from './swarm/serve/share-policy.ts'
import { createSwarm, type Swarm, type SwarmPlatform } from './swarm/swarm.ts'

export interface Assembly {
  readonly registry: Handler
  /** For whoever the registry belongs to, and nobody else: the doorway sees to that. */
  readonly owner: AdminApi
  readonly store: Store
  readonly sharing: SharePolicy
  /** What peers say they have; `undefined` where there is no swarm, or not in time. */
  peerLists(): Promise<PeerLists | undefined>
  /**
   * Begins to use peers; until then, and if it is never called, the registry is alone. To be called once. Without a
   * pinner, nothing is offered to IPFS at large.
   */
  join(means: SwarmPlatform & { readonly pinner?: Pinner }): Swarm
  /** There will be no swarm: nobody waits for it any more. */
  stayAlone(): void
  /** Ends what runs in the background. Disk and database are the caller's. */
  close(): Promise<void>
}

export interface Parts {
  readonly disk: Disk
  readonly database: Database
  readonly config: Config
  readonly log: Log
  /** The platform's own ways, if it knows faster ones. */
  readonly hashLeaves?: HashLeaves
  readonly digestOf?: DigestOf
  /** Where a full storage would leave no room for the catalog. */
  readonly reserve?: Reserve
  /** What the platform says of its storage. */
  readonly estimate?: AdminServices['estimate']
  /** Milliseconds that a question for what is not here waits for {@link Assembly.join}; by default `swarm.timeout`. */
  readonly joinTimeout?: number
  /** Milliseconds from one request of a push to the next, at most; by default a minute. */
  readonly quiet?: number
  /** Milliseconds until the work in the background begins, which takes the database's time; by default none. */
  readonly backgroundDelay?: number
}

export async function assemble(parts: Parts): Promise<Assembly> {
  const { disk, database, config, log } = parts
  const { validation, swarm: settings } = config
  const common = {
    config,
    log,
    digestOf: parts.digestOf ?? digestOf,
    manifestBodies: createManifestBodies(),
  }
  await using opened = new AsyncDisposableStack()
  let hash: (digest?: Digest) => void = () => {}
  let pin: (digest?: Digest) => void = () => {}
  const onHashed = (digest: Digest) => pin(digest)
  const onChange = (digest: Digest) => {
    hash(digest)
    pin(digest)
  }
  const { uploadpurging, orphans, readonly } = config.storage.maintenance
  const budget = readonly.enabled ? null : (settings.cache.budget ?? null)
  const store = await openStore(disk, database, {
    onChange,
    budget,
    reserve: parts.reserve,
    quiet: parts.quiet,
    log,
  })
  opened.defer(store.keeping.close)
  const { catalog } = store
  const leaves = createLeafQueue(disk, catalog, parts.hashLeaves ?? hashLeaves, log, onHashed)
  opened.defer(leaves.close)
  hash = leaves.wake
  store.keeping.wake()
  opened.defer(
    begin(parts.backgroundDelay, () => {
      leaves.wake()
      return readonly.enabled ? () => {} : startPurging(store, { uploadpurging, orphans }, log)
    }),
  )
  const mayFetch = settings.enabled && !readonly.enabled
  const joinTimeout = parts.joinTimeout ?? settings.timeout
  const remote = mayFetch ? createDeferredRemote(joinTimeout) : undefined
  const joining = createLater<Swarm>(joinTimeout)
  if (!settings.enabled) joining.resolve(undefined)
  const explain: ExplainAbsence = async (...asked) =>
    joining.current ? joining.current.explain(...asked) : { reason: 'no-peer' }
  const peerLists = async () => (await joining.joined())?.lists
  const sharing = createSharePolicy(settings.share, catalog)
  const isShared = sharing.shares
  const background = opened.move()
  return {
    registry: createRegistry({ ...common, store, remote, explain: mayFetch ? explain : undefined }),
    owner: createAdminApi({ ...common, store, remote, peerLists, estimate: parts.estimate }),
    store,
    sharing,
    peerLists,
    join({ pinner, ...means }) {
      const check: Parameters<typeof createSwarm>[0]['check'] = (manifest) => checkUrls(manifest, validation)
      const swarm = createSwarm({ ...common, ...means, store, disk, sharing, settings, check })
      background.defer(swarm.close)
      if (pinner) {
        const pins = createPinQueue({ catalog, pinner, isShared, log, onPinned: swarm.provide })
        background.defer(pins.close)
        pin = pins.wake
        pins.wake()
      }
      swarm.provide()
      if (!means.trusts && settings.key === undefined) void forgetUntrusted(catalog, settings.trust, log)
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

/** Tags of peers that the configuration trusted once; a platform that adds to its trust sees to that itself. */
async function forgetUntrusted(catalog: Catalog, trust: readonly string[], log: Log): Promise<void> {
  try {
    await catalog.transaction(({ tags }) => tags.forgetPeers(trust, { but: true }), { durable: false })
  } catch (error) {
    log.warn('tags of peers that are not trusted any more were not forgotten', { err: error })
  }
}

/** Gives the function that ends it, also before it has begun. */
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
