/**
 * Room set aside in the browser's storage, of which files and the catalog's database share one quota: without it, the
 * catalog could not even be told what is removed when all is full.
 */
import type { Reserve } from '../../core/store/free-space.ts'
import { present } from './storage-error.ts'

const FILE = 'reserve'

/** As much as `getRandomValues` gives at once. */
const PIECE = 65_536

/** Together more than a few transactions of the catalog write. */
const PIECES = 64

export function createReserve(root: FileSystemDirectoryHandle): Reserve {
  return {
    async drop() {
      await present(root.removeEntry(FILE))
    },
    async restore() {
      const handle = await root.getFileHandle(FILE, { create: true })
      if ((await handle.getFile()).size === PIECES * PIECE) return
      const writable = await handle.createWritable()
      await writable.write(randomRoom())
      await writable.close()
    },
  }
}

/** Random, as a storage might compress it. */
export function randomRoom(): Uint8Array<ArrayBuffer> {
  const room = new Uint8Array(PIECES * PIECE)
  for (let start = 0; start < room.length; start += PIECE)
    crypto.getRandomValues(room.subarray(start, start + PIECE))
  return room
}
