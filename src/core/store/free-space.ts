/**
 * Room on a storage that is full (507): cached images make way for what comes. What can be done again is done again at
 * once; a body that is half read cannot, so its client finds room when it tries again.
 */
import type { CreateOptions, Disk, Upload } from '../blobs/ports.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { RegistryError } from '../oci/error.ts'

/**
 * Room that a platform sets aside so that the catalog can be written, and things removed, when all else is full. Both
 * are idempotent. A platform whose database has room of its own needs none.
 */
export interface Reserve {
  drop(): Promise<void>
  /** Takes it again; it is no failure that there is no room for it yet. */
  restore(): Promise<void>
}

export interface FreeSpace {
  /**
   * Runs `work`, and once more where the storage was full and there is room now. What failed may have happened
   * nevertheless, as with any commit whose answer is lost: the second attempt then gives what the client's own would.
   */
  again<T>(work: () => Promise<T>): Promise<T>
  /** Runs `work`; where the storage is full, makes room for that many bytes before it fails. */
  ahead<T>(work: () => Promise<T>, bytes: () => number): Promise<T>
}

/** What is freed at least, in bytes: the next request shall not find the storage full again. */
const LEAST = 64 * 1024 * 1024

/** @param free - removes what may go until so many bytes are free, or nothing more may; gives the bytes freed */
export function createRoom(free: (bytes: number) => Promise<number>, reserve?: Reserve): FreeSpace {
  let users = 0
  let freeing: Promise<number> | undefined

  /** One at a time: those that fail together need no more than that together. */
  function make(bytes: number): Promise<number> {
    freeing ??= free(bytes).finally(() => {
      freeing = undefined
    })
    return freeing
  }

  /** The reserve stays dropped until the last one that needs it is done. */
  async function withReserve<T>(work: () => Promise<T>): Promise<T> {
    users++
    try {
      await reserve?.drop()
      return await work()
    } finally {
      users--
      if (users === 0) await reserve?.restore().catch(() => {})
    }
  }

  return {
    async again(work) {
      try {
        return await work()
      } catch (error) {
        if (!isFull(error)) throw error
        return withReserve(async () => {
          const freed = await make(LEAST).catch(() => 0)
          if (freed === 0 && !reserve) throw error
          return work()
        })
      }
    },

    async ahead(work, bytes) {
      try {
        return await work()
      } catch (error) {
        if (isFull(error)) await withReserve(() => make(Math.max(LEAST, bytes()))).catch(() => {})
        throw error
      }
    },
  }
}

/** The same disk, which makes room for uploads. */
export function withRoom(disk: Disk, room: FreeSpace): Disk {
  const roomy = (upload: Upload) => new RoomyUpload(upload, room)
  return {
    get: (digest, options) => disk.get(digest, options),
    create: async (options?: CreateOptions) => roomy(await room.again(() => disk.create(options))),
    async resume(id, options) {
      const upload = await disk.resume(id, options)
      return upload && roomy(upload)
    },
    delete: (digest) => disk.delete(digest),
    list: () => disk.list(),
    uploads: () => disk.uploads(),
  }
}

/** The same catalog, which makes room for what it writes. */
export const catalogWithRoom = (catalog: Catalog, room: FreeSpace): Catalog => ({
  ...catalog,
  transaction: (work, options) => room.again(() => catalog.transaction(work, options)),
})

class RoomyUpload implements Upload {
  readonly #upload: Upload
  readonly #room: FreeSpace

  constructor(upload: Upload, room: FreeSpace) {
    this.#upload = upload
    this.#room = room
  }

  get id(): string {
    return this.#upload.id
  }

  get size(): number {
    return this.#upload.size
  }

  append: Upload['append'] = (bytes, options) =>
    this.#room.ahead(
      () => this.#upload.append(bytes, options),
      () => this.size,
    )

  commit: Upload['commit'] = (digest, options) => this.#room.again(() => this.#upload.commit(digest, options))
  open: Upload['open'] = () => this.#upload.open()
  truncate: Upload['truncate'] = (size) => this.#upload.truncate(size)
  cancel: Upload['cancel'] = () => this.#upload.cancel()
}

const isFull = (error: unknown): boolean => error instanceof RegistryError && error.status === 507
