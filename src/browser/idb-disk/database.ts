/**
 * The database of IndexedDB behind the disk: its stores, a connection that lasts, and transactions that are durable or
 * never were.
 */
import {
  type DBSchema,
  type IDBPDatabase,
  type IDBPTransaction,
  openDB,
  type StoreKey,
  type StoreNames,
  type StoreValue,
} from 'idb'
import type { Algorithm, Digest } from '../../core/oci/digest.ts'

/** So many bytes in the chunks of one file. */
export interface FileRow {
  readonly file: string
  readonly size: number
}

/** The hash over all bytes of an upload, to go on from there. */
export interface RunningHash {
  readonly algorithm: Algorithm
  readonly state: Uint8Array
}

export interface UploadRow extends FileRow {
  readonly hash: RunningHash | undefined
}

export type Other = string | Uint8Array

interface Schema extends DBSchema {
  /** The bytes of a file, without a gap, by the place of their first one. None is longer than a chunk. */
  chunks: { key: [file: string, start: number]; value: Uint8Array<ArrayBuffer> }
  blobs: { key: Digest; value: FileRow }
  uploads: { key: string; value: UploadRow }
  /** Files that nobody names any more, but somebody may be reading. */
  leaving: { key: string; value: true }
  /** What is kept beside the blobs, by its name. */
  others: { key: string; value: Other }
}

export type Store = StoreNames<Schema>
export type Key<S extends Store> = StoreKey<Schema, S>
export type Value<S extends Store> = StoreValue<Schema, S>
export type Pages = IDBPDatabase<Schema>
export type Writing = IDBPTransaction<Schema, Store[], 'readwrite'>

export interface DiskDatabase {
  /** Opened anew where the browser has closed it. */
  open(): Promise<Pages>
  /** One transaction over `stores`: durable on return, undone where it or `work` fails. `work` waits for nothing else. */
  write<T>(stores: Store[], work: (transaction: Writing) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export function createDiskDatabase(name: string): DiskDatabase {
  let current: Promise<Pages> | undefined
  let isClosed = false

  const forget = (): void => {
    current = undefined
  }

  const database: DiskDatabase = {
    async open() {
      if (isClosed) throw new Error('the disk is closed')
      current ??= openPages(name, forget)
      return current.catch((error) => {
        forget()
        throw error
      })
    },

    async write(stores, work) {
      const transaction = (await database.open()).transaction(stores, 'readwrite', { durability: 'strict' })
      try {
        const [result] = await Promise.all([orAbort(transaction, work), transaction.done])
        return result
      } catch (error) {
        throw transaction.error ?? error // why it was aborted says more than that it was
      }
    },

    async close() {
      isClosed = true
      const pages = await current?.catch(() => undefined)
      pages?.close()
    },
  }
  return database
}

/** @param onEnd - told when it can be used no more */
const openPages = (name: string, onEnd: () => void): Promise<Pages> =>
  openDB<Schema>(name, 1, {
    upgrade(database) {
      for (const store of ['chunks', 'blobs', 'uploads', 'leaving', 'others'] as const)
        database.createObjectStore(store)
    },
    /** Somebody deletes it: it must not be in his way. */
    blocking(_version, _blockedVersion, event) {
      onEnd()
      ;(event.target as IDBDatabase).close()
    },
    terminated: onEnd,
  })

async function orAbort<T>(transaction: Writing, work: (transaction: Writing) => Promise<T>): Promise<T> {
  try {
    return await work(transaction)
  } catch (error) {
    try {
      transaction.abort()
    } catch {} // it has been
    throw error
  }
}
