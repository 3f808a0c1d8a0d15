/** The copy of the names as a file beside the blobs, in the origin private file system. */
import type { Names } from '../../core/store/names-backup.ts'

const FILE = 'names.json'

export const createNamesFile = (root: FileSystemDirectoryHandle): Names => ({
  async read() {
    const handle = await root.getFileHandle(FILE).catch(ifMissing)
    return (await handle?.getFile())?.text()
  },

  async write(text) {
    const handle = await root.getFileHandle(FILE, { create: true })
    // Written beside the file, which it replaces when it is closed; what an interrupted one has left goes first.
    await root.removeEntry(`${FILE}.crswap`).catch(ifMissing)
    const writable = await handle.createWritable()
    await writable.write(text)
    await writable.close()
  },
})

function ifMissing(error: unknown): undefined {
  if (!(error instanceof DOMException && error.name === 'NotFoundError')) throw error
}
