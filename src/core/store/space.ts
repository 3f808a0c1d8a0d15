/**
 * Space that the owner wants now: first what is left of pushes and pulls that came to no end, then images from peers above
 * what they may take. What is under way stays, also between two requests of a push.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Place } from '../catalog/eviction.ts'
import type { DownloadStore } from './downloads.ts'
import type { Eviction } from './eviction.ts'
import { RECENT } from './last-used.ts'
import type { Orphans } from './orphans.ts'
import type { UploadStore } from './uploads.ts'

/** Bytes, by what they were. */
export interface Freed {
  /** Blobs that no image needs. */
  readonly orphans: number
  readonly uploads: number
  readonly downloads: number
  /** What came from peers and can be had from them again. */
  readonly images: number
}

export interface Wanted {
  /** Only what is left of pushes to this repository. */
  readonly repository?: string | undefined
  /** Bytes that images from peers may take afterwards; by default the budget. */
  readonly to?: number | undefined
}

/** Bytes on the disk, all of them: `total` is the sum of the others. */
export interface StorageUses {
  readonly total: number
  /** Of images that were pushed. */
  readonly pushed: number
  /** Of images that came from peers. */
  readonly cached: number
  /** Of blobs that no image needs. */
  readonly orphans: number
  /** Of pushes that are under way, or may go on. */
  readonly uploads: number
  /** Of pulls that are under way, or may go on. */
  readonly downloads: number
}

export interface Space {
  uses(): Promise<StorageUses>
  free(wanted: Wanted): Promise<Freed>
  /** What `free` would free, and what it would leave because it was used a moment ago. Changes nothing. */
  preview(wanted: Wanted): Promise<Freed & { readonly spared: number }>
  /** Bytes of images from peers that may go when there is need. */
  evictable(): Promise<number>
}

export interface SpaceParts {
  readonly catalog: Catalog
  readonly uploads: Pick<UploadStore, 'purge' | 'sizes'>
  readonly downloads: Pick<DownloadStore, 'purge' | 'uploads'>
  readonly orphans: Orphans
  readonly keeping: Pick<Eviction, 'budget' | 'evict'>
  /** Milliseconds from one request of a push to the next, at most. */
  readonly quiet: number
}

export function createSpace({ catalog, uploads, downloads, orphans, keeping, quiet }: SpaceParts): Space {
  /** Uploads that nobody writes to, and downloads that wait for a later start. They go, unless it is a dry run. */
  async function unfinished(since: number, { repository }: Wanted, dryRun: boolean) {
    const sizes = await uploads.sizes()
    const sum = (ids: Iterable<string>) => [...ids].reduce((total, id) => total + (sizes.get(id) ?? 0), 0)
    const pushed = await uploads.purge(since, { repository, dryRun })
    const pulled = repository === undefined ? await downloads.purge(ALWAYS, { dryRun }) : []
    return { uploads: sum(pushed), downloads: sum(pulled) }
  }

  /** What uploads and downloads take on the disk. */
  async function inTransit() {
    const total = { uploads: 0, downloads: 0 }
    const pulled = await downloads.uploads()
    for (const [id, size] of await uploads.sizes()) total[pulled.has(id) ? 'downloads' : 'uploads'] += size
    return total
  }

  /** Bytes that are there, and that no rule lets go yet. */
  async function all({ repository }: Wanted): Promise<number> {
    const left = await orphans.all(repository)
    return repository === undefined ? left + (await inTransit()).uploads : left
  }

  /** What one repository has left behind has nothing to do with images from peers. */
  const limitOf = ({ to, repository }: Wanted): number | undefined =>
    repository === undefined ? (to ?? keeping.budget ?? undefined) : undefined

  async function evictable(recent: number): Promise<number> {
    let total = 0
    for (let last: Place | undefined = { usedAt: -1, id: 0 }; last; ) {
      const page = await catalog.evictable.page(last, recent)
      total += page.bytes
      last = page.last
      if (last) await turn()
    }
    return total
  }

  async function excess(to: number | undefined): Promise<number> {
    if (to === undefined) return 0
    const images = (await catalog.keeping.cachedBytes()) - (await catalog.orphans.totals()).cached
    return images > to ? Math.min(images - to, await evictable(Date.now() - RECENT)) : 0
  }

  return {
    async uses() {
      const { pushed, cached } = await catalog.holdings.totals()
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

    async free(wanted) {
      const since = Date.now() - quiet
      const { repository } = wanted
      const rest = await unfinished(since, wanted, false)
      const freed = await orphans.free({ since, repository })
      const to = limitOf(wanted)
      return { orphans: freed, ...rest, images: to === undefined ? 0 : await keeping.evict({ to }) }
    },

    async preview(wanted) {
      const since = Date.now() - quiet
      const rest = await unfinished(since, wanted, true)
      const bytes = await orphans.bytes({ since, repository: wanted.repository })
      const spared = Math.max(0, (await all(wanted)) - bytes - rest.uploads)
      return { orphans: bytes, ...rest, images: await excess(limitOf(wanted)), spared }
    },

    evictable: () => evictable(ALWAYS),
  }
}

const ALWAYS = Number.MAX_SAFE_INTEGER

/** Lets others have their turn: some databases answer without ever giving up theirs. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
