/**
 * Chooses where this browser stores its registry. Files of the origin private file system are fastest, but Safari's
 * service workers can write them only since version 26, and some private windows have none. IndexedDB, which the catalog
 * needs anyway, takes their place there.
 */
import type { Disk } from '../../core/blobs/ports.ts'
import type { Reserve } from '../../core/store/free-space.ts'
import type { NamesFile } from '../../core/store/names-backup.ts'
import { createNamesFile, createReserve, reserveBytes } from '../disk/names-and-reserve.ts'
import { openOpfsDisk } from '../disk/opfs-disk.ts'
import { storageError } from '../disk/storage-error.ts'
import { createDiskDatabase } from '../idb-disk/database.ts'
import { openIdbDisk } from '../idb-disk/idb-disk.ts'
import { createNamesRecord, createReserveRecord } from '../idb-disk/names-and-reserve.ts'

export interface BrowserStorage {
  readonly disk: Disk
  readonly names: NamesFile
  readonly reserve: Reserve
  close(): Promise<void>
}

/** Names of IndexedDB databases. */
export const CATALOG = 'flotilla'
const DISK = 'flotilla-disk'

/**
 * Images stay where they are. Once there is a disk in IndexedDB, it stays in use, even after the browser has learned to
 * write files. If there is a catalog without such a disk, its images are in files: if those can't be opened, this fails
 * rather than starting an empty disk.
 *
 * @throws RegistryError, DOMException if the browser provides no storage, or has no space left
 */
export async function openStorage(): Promise<BrowserStorage> {
  const files = openFiles()
  files.catch(() => {}) // awaited below, or not needed
  const databases = new Set((await indexedDB.databases()).map(({ name }) => name))
  if (databases.has(DISK)) return openRecords()
  try {
    return await files
  } catch (error) {
    if (databases.has(CATALOG) || storageError(error).status === 507) throw error
    return openRecords()
  }
}

async function openFiles(): Promise<BrowserStorage> {
  if (!('createWritable' in FileSystemFileHandle.prototype))
    throw new TypeError('this browser cannot write files in a service worker')
  const root = await navigator.storage.getDirectory()
  const disk = await openOpfsDisk(root)
  return { disk, names: createNamesFile(root), reserve: createReserve(root), close: async () => {} }
}

async function openRecords(): Promise<BrowserStorage> {
  const database = createDiskDatabase(DISK)
  const disk = await openIdbDisk(database)
  const reserve = createReserveRecord(database, reserveBytes)
  return { disk, names: createNamesRecord(database), reserve, close: database.close }
}
