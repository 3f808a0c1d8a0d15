/**
 * Where this browser keeps what its registry has. Apart because browsers differ in it: files of the origin's own are
 * fastest, but Safari's service workers write them only since 26, and some private windows have none. There it is
 * IndexedDB, which the catalog needs anyway.
 */
import type { Disk } from '../../core/blobs/ports.ts'
import type { Reserve } from '../../core/store/free-space.ts'
import type { Names } from '../../core/store/names-backup.ts'
import { createNamesFile } from '../disk/names-file.ts'
import { openOpfsDisk } from '../disk/opfs-disk.ts'
import { createReserve, randomRoom } from '../disk/reserve.ts'
import { storageError } from '../disk/storage-error.ts'
import { createDiskDatabase } from '../idb-disk/database.ts'
import { openIdbDisk } from '../idb-disk/idb-disk.ts'
import { createNamesRecord, createReserveRecord } from '../idb-disk/others.ts'

export interface Home {
  readonly disk: Disk
  readonly names: Names
  readonly reserve: Reserve
  close(): Promise<void>
}

/** Databases of IndexedDB. */
export const CATALOG = 'flotilla'
const DISK = 'flotilla-disk'

/**
 * Images stay where they are. A disk in IndexedDB, once there is one, goes on being used, also when the browser has
 * learned to write files. A catalog without one is of images in files, and where these cannot be opened nothing stands
 * in for them.
 *
 * @throws RegistryError, DOMException where the browser gives no storage, or has no room
 */
export async function openHome(): Promise<Home> {
  const files = openFiles()
  files.catch(() => {}) // told of below
  const databases = new Set((await indexedDB.databases()).map(({ name }) => name))
  if (databases.has(DISK)) return openRecords()
  try {
    return await files
  } catch (error) {
    if (databases.has(CATALOG) || storageError(error).status === 507) throw error
    return openRecords()
  }
}

async function openFiles(): Promise<Home> {
  if (!('createWritable' in FileSystemFileHandle.prototype)) throw new TypeError('files cannot be written')
  const root = await navigator.storage.getDirectory()
  const disk = await openOpfsDisk(root)
  return { disk, names: createNamesFile(root), reserve: createReserve(root), close: async () => {} }
}

async function openRecords(): Promise<Home> {
  const database = createDiskDatabase(DISK)
  const disk = await openIdbDisk(database)
  const reserve = createReserveRecord(database, randomRoom)
  return { disk, names: createNamesRecord(database), reserve, close: database.close }
}
