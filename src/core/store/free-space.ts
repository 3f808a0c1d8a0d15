/**
 * What happens when the storage is full (507): images from peers are evicted. Work that can be repeated is retried at
 * once. A body that is half read cannot be, so its client finds free space when it tries again.
 */
import type { CreateOptions, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { RegistryError } from '../oci/error.ts'

/**
 * Space that a platform sets aside, so that the catalog can be written and things can be removed when the storage is
 * full. Both methods are idempotent. A platform whose database has space of its own needs no reserve.
 */
export interface Reserve {
  drop(): Promise<void>
  /** Takes the space again, if there is enough of it yet. */
  restore(): Promise<void>
}

export interface FreeSpace {
  /**
   * Runs `work`, and once more if the storage was full and there is space now. The first attempt may have succeeded
   * nevertheless, as any commit whose response is lost: the second then gives what the client's own retry would.
   */
  retryAfterEviction<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work`. If the storage is full, evicts `bytes()` bytes before it fails. */
  evictThenFail<T>(work: () => Promise<T>, bytes: () => number): Promise<T>
}

/** The least that is freed, so that the next request does not find the storage full again. */
const MIN_FREED_BYTES = 64 * 1024 * 1024

/** @param free - removes what may go until so many bytes are free or nothing more may go; returns the bytes freed */
export function createFreeSpace(free: (bytes: number) => Promise<number>, reserve?: Reserve): FreeSpace {
  let reserveUsers = 0
  let freeing: Promise<number> | undefined

  /** Requests that fail together share one eviction. */
  function evict(bytes: number): Promise<number> {
    freeing ??= free(bytes).finally(() => {
      freeing = undefined
    })
    return freeing
  }

  /** The reserve is restored when the last one that needs the space is done. */
  async function withReserve<T>(work: () => Promise<T>): Promise<T> {
    reserveUsers++
    try {
      await reserve?.drop()
      return await work()
    } finally {
      reserveUsers--
      if (reserveUsers === 0) await reserve?.restore().catch(() => {})
    }
  }

  return {
    async retryAfterEviction(work) {
      try {
        return await work()
      } catch (error) {
        if (!isFull(error)) throw error
        return withReserve(async () => {
          const freed = await evict(MIN_FREED_BYTES).catch(() => 0)
          if (freed === 0 && !reserve) throw error
          return work()
        })
      }
    },

    async evictThenFail(work, bytes) {
      try {
        return await work()
      } catch (error) {
        if (isFull(error)) await withReserve(() => evict(Math.max(MIN_FREED_BYTES, bytes()))).catch(() => {})
        throw error
      }
    },
  }
}

/** The same disk, whose uploads evict when the storage is full. */
export function diskWithFreeSpace(disk: Disk, freeSpace: FreeSpace): Disk {
  const evicting = (upload: Upload) => uploadWithFreeSpace(upload, freeSpace)
  return override(disk, {
    create: async (options?: CreateOptions) =>
      evicting(await freeSpace.retryAfterEviction(() => disk.create(options))),
    async resume(id, options) {
      const upload = await disk.resume(id, options)
      return upload && evicting(upload)
    },
  })
}

/** The same catalog, which evicts when the storage is full. */
export const catalogWithFreeSpace = (catalog: Catalog, freeSpace: FreeSpace): Catalog => ({
  ...catalog,
  transaction: (work, options) => freeSpace.retryAfterEviction(() => catalog.transaction(work, options)),
})

const uploadWithFreeSpace = (upload: Upload, freeSpace: FreeSpace): Upload =>
  override(upload, {
    append: (bytes, options) =>
      freeSpace.evictThenFail(
        () => upload.append(bytes, options),
        () => upload.size,
      ),
    commit: (digest, options) => freeSpace.retryAfterEviction(() => upload.commit(digest, options)),
  })

/** `target` with other methods in place of some. A proxy, because `target` may have private fields. */
function override<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(methods, key)) return methods[key as keyof T]
      const value = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const isFull = (error: unknown): boolean => error instanceof RegistryError && error.status === 507
