/** Two records beside the blobs in the same database: the backup of the names, and the reserve. */

import type { Reserve } from '../../core/store/free-space.ts'
import type { NamesFile } from '../../core/store/names-backup.ts'
import { throwStorageError } from '../disk/storage-error.ts'
import type { DiskDatabase, OtherValue } from './database.ts'

const NAMES = 'names.json'
const RESERVE = 'reserve'

export const createNamesRecord = (database: DiskDatabase): NamesFile => ({
  async read() {
    const text = await (await database.open()).get('others', NAMES)
    return typeof text === 'string' ? text : undefined
  },
  write: (text) => put(database, NAMES, text),
})

/** @param make - makes the bytes that take up space */
export const createReserveRecord = (
  database: DiskDatabase,
  make: () => Uint8Array<ArrayBuffer>,
): Reserve => ({
  drop: () =>
    database
      .write(['others'], (transaction) => transaction.objectStore('others').delete(RESERVE))
      .catch(throwStorageError),
  async restore() {
    const isThere = await (await database.open()).count('others', RESERVE)
    if (!isThere) await put(database, RESERVE, make())
  },
})

async function put(database: DiskDatabase, key: string, value: OtherValue): Promise<void> {
  await database.write(['others'], (transaction) => transaction.objectStore('others').put(value, key))
}
