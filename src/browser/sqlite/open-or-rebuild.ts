/**
 * Opens the catalog's database and repairs it if need be: a malformed database is deleted, and one that is empty although
 * there are blobs is rebuilt from the blobs and the backup of the names. From then on the backup is kept up to date.
 */
import { deleteDB, openDB } from 'idb'
import { withTimeout } from '../../core/async/delay.ts'
import type { Disk } from '../../core/blobs/ports.ts'
import { type Catalog, openCatalog } from '../../core/catalog/catalog.ts'
import type { Database } from '../../core/catalog/database.ts'
import type { Log } from '../../core/log.ts'
import { type NamesFile, startNamesBackup } from '../../core/store/names-backup.ts'
import { isLost, rebuild } from '../../core/store/rebuild.ts'
import type { ConnectionOptions } from './reconnecting-connection.ts'
import { isUnusable } from './sqlite-error.ts'
import { openWaSqlite } from './wa-sqlite.ts'

/** For opening or deleting a database of IndexedDB. */
const TIMEOUT_MS = 15_000

export interface RebuildOptions extends Pick<ConnectionOptions, 'wasm'> {
  readonly disk: Disk
  readonly names: NamesFile
  readonly log: Log
  /** Called when the database turns out to be malformed. It is rebuilt when it is closed and opened again. */
  readonly onMalformed?: () => void
}

interface Opened {
  readonly database: Database
  readonly catalog: Catalog
  /** It has no rows although there are blobs. */
  readonly isLost: boolean
  /** Aborts when the database turns out to be malformed. */
  readonly malformed: AbortSignal
}

/** No other context may have the database open. @throws RegistryError if the storage fails */
export async function openOrRebuild(name: string, options: RebuildOptions): Promise<Database> {
  const opened = await openUsable(name, options)
  try {
    if (opened.isLost) await fill(opened.catalog, options)
    return withNames(name, opened, options)
  } catch (error) {
    await opened.database.close()
    throw error
  }
}

async function openUsable(name: string, options: RebuildOptions): Promise<Opened> {
  try {
    return await open(name, options)
  } catch (error) {
    if (!isUnusable(error) || !(await isReachable(name))) throw error
    options.log.error('the catalog cannot be read; it is deleted and rebuilt from the images', { err: error })
    await discard(name)
    return open(name, options)
  }
}

async function open(name: string, { wasm, disk }: RebuildOptions): Promise<Opened> {
  const malformed = new AbortController()
  const database = await openWaSqlite(name, { wasm, onMalformed: () => malformed.abort() })
  try {
    const catalog = await openCatalog(database)
    return { database, catalog, isLost: await isLost(disk, catalog), malformed: malformed.signal }
  } catch (error) {
    await database.close()
    throw error
  }
}

async function fill(catalog: Catalog, { disk, names, log }: RebuildOptions): Promise<void> {
  log.warn('the catalog is empty although there are images; it is rebuilt from them')
  log.info('the catalog has been rebuilt', { ...(await rebuild(disk, catalog, names)) })
}

function withNames(name: string, opened: Opened, { names, log, onMalformed }: RebuildOptions): Database {
  const { database, catalog, malformed } = opened
  const keeper = startNamesBackup(names, catalog, log)
  malformed.addEventListener('abort', () => {
    log.error('the catalog is malformed; it is rebuilt when it is next opened')
    keeper.cancel()
    onMalformed?.()
  })
  return {
    run: database.run,
    async transaction(work, options) {
      const result = await database.transaction(work, options)
      if (!malformed.aborted) keeper.changed()
      return result
    },
    async close() {
      await keeper.close()
      await database.close()
      if (malformed.aborted) await discard(name)
    },
  }
}

/** Tells whether IndexedDB works, so that the database itself is damaged. */
async function isReachable(name: string): Promise<boolean> {
  try {
    const database = await withTimeout(openDB(name), TIMEOUT_MS)
    database.close()
    return true
  } catch {
    return false
  }
}

/** Nothing in a damaged database is needed: the disk has all it takes to rebuild it. */
const discard = (name: string): Promise<void> => withTimeout(deleteDB(name), TIMEOUT_MS)
