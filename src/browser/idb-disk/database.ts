/** The IndexedDB database behind the disk: its stores, a connection that reopens, and transactions that are durable. */
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

/** A file and the size of its chunks together. */
export interface FileRow {
  readonly file: string
  readonly size: number
}

/** The state of the hash over all bytes of an upload. */
export interface RunningHash {
  readonly algorithm: Algorithm
  readonly state: Uint8Array
}

export interface UploadRow extends FileRow {
  readonly hash: RunningHash | undefined
}

export type OtherValue = string | Uint8Array

interface Schema extends DBSchema {
  /** The chunks of a file without a gap, by the position of their first byte. */
  chunks: { key: [file: string, start: number]; value: Uint8Array<ArrayBuffer> }
  blobs: { key: Digest; value: FileRow }
  uploads: { key: string; value: UploadRow }
  /** Files that no row names any longer, but that may still have readers. */
  leaving: { key: string; value: true }
  /** Values beside the blobs, by their names. */
  others: { key: string; value: OtherValue }
}

export type Store = StoreNames<Schema>
export type Key<S extends Store> = StoreKey<Schema, S>
export type Value<S extends Store> = StoreValue<Schema, S>
export type Connection = IDBPDatabase<Schema>
export type WriteTransaction = IDBPTransaction<Schema, Store[], 'readwrite'>

export interface DiskDatabase {
  /** Opens the database again if the browser has closed it. */
  open(): Promise<Connection>
  /** Runs one transaction over `stores`: durable on return, undone if it or `work` fails. `work` must await nothing else. */
  write<T>(stores: Store[], work: (transaction: WriteTransaction) => Promise<T>): Promise<T>
  close(): Promise<void>
}

export function createDiskDatabase(name: string): DiskDatabase {
  let current: Promise<Connection> | undefined
  let isClosed = false

  const forget = (): void => {
    current = undefined
  }

  const database: DiskDatabase = {
    async open() {
      if (isClosed) throw new Error('the disk has been closed')
      current ??= openConnection(name, forget)
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
        throw transaction.error ?? error // the cause says more than AbortError
      }
    },

    async close() {
      isClosed = true
      const connection = await current?.catch(() => undefined)
      connection?.close()
    },
  }
  return database
}

/** @param onEnd - called when the connection can't be used any longer */
const openConnection = (name: string, onEnd: () => void): Promise<Connection> =>
  openDB<Schema>(name, 1, {
    upgrade(database) {
      for (const store of ['chunks', 'blobs', 'uploads', 'leaving', 'others'] as const)
        database.createObjectStore(store)
    },
    /** Another context deletes the database, which an open connection would block. */
    blocking(_version, _blockedVersion, event) {
      onEnd()
      ;(event.target as IDBDatabase).close()
    },
    terminated: onEnd,
  })

async function orAbort<T>(
  transaction: WriteTransaction,
  work: (transaction: WriteTransaction) => Promise<T>,
): Promise<T> {
  try {
    return await work(transaction)
  } catch (error) {
    try {
      transaction.abort()
    } catch {} // it has already been aborted
    throw error
  }
}
