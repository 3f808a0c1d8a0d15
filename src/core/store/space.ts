/**
 * Frees space at the user's request: first what unfinished pushes and pulls have left, then images from peers that are
 * over the budget. What is under way stays, also between two requests of a push.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { UseCursor } from '../catalog/eviction.ts'
import type { DownloadStore } from './downloads.ts'
import type { Eviction } from './eviction.ts'
import { RECENT_USE_MS } from './last-used.ts'
import type { Orphans } from './orphans.ts'
import type { UploadStore } from './uploads.ts'

/** Bytes, by what they belonged to. */
export interface Freed {
  /** Blobs that no image needs. */
  readonly orphans: number
  readonly uploads: number
  readonly downloads: number
  /** Images from peers, which can be pulled again. */
  readonly images: number
}

export interface FreeRequest {
  /** Only what pushes to this repository have left. */
  readonly repository?: string | undefined
  /** Bytes that images from peers may take afterwards; the budget by default. */
  readonly to?: number | undefined
}

/** Bytes on the disk. `total` is the sum of the others. */
export interface StorageUsage {
  readonly total: number
  /** Of images that were pushed. */
  readonly pushed: number
  /** Of images that came from peers. */
  readonly cached: number
  /** Of blobs that no image needs. */
  readonly orphans: number
  /** Of pushes that are under way or can be resumed. */
  readonly uploads: number
  /** Of pulls that are under way or can be resumed. */
  readonly downloads: number
}

export interface Space {
  usage(): Promise<StorageUsage>
  free(request: FreeRequest): Promise<Freed>
  /** What `free` would free, and `spared`: what it would leave because it was used a moment ago. Changes nothing. */
  preview(request: FreeRequest): Promise<Freed & { readonly spared: number }>
  /** Bytes of images from peers that may be evicted when space is needed. */
  evictable(): Promise<number>
}

export interface SpaceDeps {
  readonly catalog: Catalog
  readonly uploads: Pick<UploadStore, 'purge' | 'sizes'>
  readonly downloads: Pick<DownloadStore, 'purge' | 'uploads'>
  readonly orphans: Orphans
  readonly eviction: Pick<Eviction, 'budget' | 'evict'>
  /** The longest time from one request of a push to the next, in milliseconds. */
  readonly pushGapMs: number
}

export function createSpace({ catalog, uploads, downloads, orphans, eviction, pushGapMs }: SpaceDeps): Space {
  /** Removes abandoned uploads and kept downloads, unless it is a dry run. Returns their bytes. */
  async function unfinished(since: number, { repository }: FreeRequest, dryRun: boolean) {
    const sizes = await uploads.sizes()
    const sum = (ids: Iterable<string>) => [...ids].reduce((total, id) => total + (sizes.get(id) ?? 0), 0)
    const pushed = await uploads.purge(since, { repository, dryRun })
    const pulled = repository === undefined ? await downloads.purge(ANY_TIME, { dryRun }) : []
    return { uploads: sum(pushed), downloads: sum(pulled) }
  }

  /** The bytes of uploads and downloads on the disk. */
  async function inTransit() {
    const total = { uploads: 0, downloads: 0 }
    const pulled = await downloads.uploads()
    for (const [id, size] of await uploads.sizes()) total[pulled.has(id) ? 'downloads' : 'uploads'] += size
    return total
  }

  /** Bytes of all orphans and uploads, including those that `free` spares. */
  async function unfinishedBytes({ repository }: FreeRequest): Promise<number> {
    const left = await orphans.all(repository)
    return repository === undefined ? left + (await inTransit()).uploads : left
  }

  /** `undefined`: images from peers are not evicted, as for a request that is about one repository. */
  const limitOf = ({ to, repository }: FreeRequest): number | undefined =>
    repository === undefined ? (to ?? eviction.budget ?? undefined) : undefined

  async function evictable(recent: number): Promise<number> {
    let total = 0
    for (let last: UseCursor | undefined = { usedAt: -1, id: 0 }; last; ) {
      const page = await catalog.evictable.page(last, recent)
      total += page.bytes
      last = page.last
      if (last) await yieldToOthers()
    }
    return total
  }

  async function excess(to: number | undefined): Promise<number> {
    if (to === undefined) return 0
    const images = (await catalog.eviction.cachedBytes()) - (await catalog.orphans.totals()).cached
    return images > to ? Math.min(images - to, await evictable(Date.now() - RECENT_USE_MS)) : 0
  }

  return {
    async usage() {
      const { pushed, cached } = await catalog.inventory.totals()
      const orphans = await catalog.orphans.totals()
      const transit = await inTransit()
      return {
        total: pushed + cached + transit.uploads + transit.downloads,
        pushed: pushed - orphans.pushed,
        cached: cached - orphans.cached,
        orphans: orphans.pushed + orphans.cached,
        ...transit,
      }
    },

    async free(request) {
      const since = Date.now() - pushGapMs
      const { repository } = request
      const rest = await unfinished(since, request, false)
      const freed = await orphans.free({ since, repository })
      const to = limitOf(request)
      return { orphans: freed, ...rest, images: to === undefined ? 0 : await eviction.evict({ to }) }
    },

    async preview(request) {
      const since = Date.now() - pushGapMs
      const rest = await unfinished(since, request, true)
      const bytes = await orphans.bytes({ since, repository: request.repository })
      const spared = Math.max(0, (await unfinishedBytes(request)) - bytes - rest.uploads)
      return { orphans: bytes, ...rest, images: await excess(limitOf(request)), spared }
    },

    evictable: () => evictable(ANY_TIME),
  }
}

const ANY_TIME = Number.MAX_SAFE_INTEGER

/** Some databases answer without ever returning to the event loop. */
const yieldToOthers = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
