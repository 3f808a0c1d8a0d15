/**
 * The catalog's database, whatever has become of it: one that is malformed is put away, and one that is empty though
 * there are blobs is filled from these and from the copy of the names, which is kept from then on.
 */
import { deleteDB, openDB } from 'idb'
import { withTimeout } from '../../core/async/timeout.ts'
import type { Disk } from '../../core/blobs/ports.ts'
import { type Catalog, openCatalog } from '../../core/catalog/catalog.ts'
import type { Database } from '../../core/catalog/database.ts'
import type { Log } from '../../core/log.ts'
import { keepNames, type Names } from '../../core/store/names-backup.ts'
import { isLost, rebuild } from '../../core/store/rebuild.ts'
import type { ConnectionOptions } from './lasting-connection.ts'
import { isUnusable } from './sqlite-error.ts'
import { openWaSqlite } from './wa-sqlite.ts'

/** Milliseconds that opening or deleting a database of IndexedDB may take. */
const TIMEOUT = 15_000

export interface Options extends Pick<ConnectionOptions, 'wasm'> {
  readonly disk: Disk
  readonly names: Names
  readonly log: Log
  /** Told when the database turns out to be malformed: it is rebuilt when it is closed and opened again. */
  readonly onMalformed?: () => void
}

interface Opened {
  readonly database: Database
  readonly catalog: Catalog
  /** It has no rows though it should. */
  readonly isLost: boolean
  /** Aborts when the database turns out to be malformed. */
  readonly malformed: AbortSignal
}

/** Nobody else may have the database open. @throws RegistryError where the storage fails */
export async function openOrRebuild(name: string, options: Options): Promise<Database> {
  const opened = await openSound(name, options)
  try {
    if (opened.isLost) await fill(opened.catalog, options)
    return withNames(name, opened, options)
  } catch (error) {
    await opened.database.close()
    throw error
  }
}

async function openSound(name: string, options: Options): Promise<Opened> {
  try {
    return await open(name, options)
  } catch (error) {
    if (!isUnusable(error) || !(await isReachable(name))) throw error
    options.log.error('the catalog cannot be read and is put away', { err: error })
    await putAway(name)
    return open(name, options)
  }
}

async function open(name: string, { wasm, disk }: Options): Promise<Opened> {
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

async function fill(catalog: Catalog, { disk, names, log }: Options): Promise<void> {
  log.warn('the catalog is lost and is made anew from what the disk holds')
  log.info('the catalog was made anew', { ...(await rebuild(disk, catalog, names)) })
}

function withNames(name: string, opened: Opened, { names, log, onMalformed }: Options): Database {
  const { database, catalog, malformed } = opened
  const keeper = keepNames(names, catalog, log)
  malformed.addEventListener('abort', () => {
    log.error('the catalog is malformed')
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
      if (malformed.aborted) await putAway(name)
    },
  }
}

/** It is to blame itself, and not the browser's storage as a whole. */
async function isReachable(name: string): Promise<boolean> {
  try {
    const pages = await withTimeout(openDB(name), TIMEOUT)
    pages.close()
    return true
  } catch {
    return false
  }
}

/** The disk tells more than what is left in it. */
const putAway = (name: string): Promise<void> => withTimeout(deleteDB(name), TIMEOUT)
