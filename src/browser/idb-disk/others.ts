/** What is kept beside the blobs in the same database: the copy of the names, and room set aside for the catalog. */

import type { Reserve } from '../../core/store/free-space.ts'
import type { Names } from '../../core/store/names-backup.ts'
import { rethrow } from '../disk/storage-error.ts'
import type { DiskDatabase, Other } from './database.ts'

const NAMES = 'names.json'
const RESERVE = 'reserve'

export const createNamesRecord = (database: DiskDatabase): Names => ({
  async read() {
    const text = await (await database.open()).get('others', NAMES)
    return typeof text === 'string' ? text : undefined
  },
  write: (text) => put(database, NAMES, text),
})

/** @param make - gives what takes the room */
export const createReserveRecord = (
  database: DiskDatabase,
  make: () => Uint8Array<ArrayBuffer>,
): Reserve => ({
  drop: () =>
    database
      .write(['others'], (transaction) => transaction.objectStore('others').delete(RESERVE))
      .catch(rethrow),
  async restore() {
    const isThere = await (await database.open()).count('others', RESERVE)
    if (!isThere) await put(database, RESERVE, make())
  },
})

async function put(database: DiskDatabase, key: string, value: Other): Promise<void> {
  await database.write(['others'], (transaction) => transaction.objectStore('others').put(value, key))
}
