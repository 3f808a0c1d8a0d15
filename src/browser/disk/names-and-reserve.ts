/**
 * Two files beside the blobs: the backup of the names, and the reserve. Files and the catalog's database share one quota,
 * so without a reserve a full storage could not even record what is removed.
 */

import type { Reserve } from '../../core/store/free-space.ts'
import type { NamesFile } from '../../core/store/names-backup.ts'
import { ifExists } from './storage-error.ts'

const NAMES_FILE = 'names.json'

export const createNamesFile = (root: FileSystemDirectoryHandle): NamesFile => ({
  async read() {
    const handle = await root.getFileHandle(NAMES_FILE).catch(ifMissing)
    return (await handle?.getFile())?.text()
  },

  async write(text) {
    const handle = await root.getFileHandle(NAMES_FILE, { create: true })
    // The browser writes to a swap file, which replaces the file on `close()`. An interrupted write leaves one behind.
    await root.removeEntry(`${NAMES_FILE}.crswap`).catch(ifMissing)
    const writable = await handle.createWritable()
    await writable.write(text)
    await writable.close()
  },
})

function ifMissing(error: unknown): undefined {
  if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
}

const RESERVE_FILE = 'reserve'

/** The most that `getRandomValues` fills at once. */
const CHUNK_BYTES = 65_536

/** More than a few transactions of the catalog write. */
const RESERVE_BYTES = 64 * CHUNK_BYTES

export function createReserve(root: FileSystemDirectoryHandle): Reserve {
  return {
    async drop() {
      await ifExists(root.removeEntry(RESERVE_FILE))
    },
    async restore() {
      const handle = await root.getFileHandle(RESERVE_FILE, { create: true })
      if ((await handle.getFile()).size === RESERVE_BYTES) return
      const writable = await handle.createWritable()
      await writable.write(reserveBytes())
      await writable.close()
    },
  }
}

/** Random bytes, because a storage might compress others. */
export function reserveBytes(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(RESERVE_BYTES)
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
    crypto.getRandomValues(bytes.subarray(start, start + CHUNK_BYTES))
  return bytes
}
