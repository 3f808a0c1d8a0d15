/**
 * Files that are nobody's, in a folder that the next start empties: what is being made before it is moved into place,
 * and what was taken out of its place but is still being read.
 */
import { move } from './move.ts'
import { present } from './storage-error.ts'

export interface TemporaryFiles {
  /** A new file with what `fill` writes; where that fails, nothing is left. */
  make(fill: (writable: FileSystemWritableFileStream) => Promise<void>): Promise<FileSystemFileHandle>
  /** Takes a file out of its place. Those who read it by `file`, or have begun to read it, go on. */
  setAside(file: FileSystemFileHandle): Promise<void>
  /** Removes a file that is here. Idempotent. */
  discard(file: FileSystemFileHandle): Promise<void>
}

export function createTemporaryFiles(folder: FileSystemDirectoryHandle): TemporaryFiles {
  const files: TemporaryFiles = {
    async make(fill) {
      const file = await folder.getFileHandle(crypto.randomUUID(), { create: true })
      try {
        await write(file, fill)
        return file
      } catch (error) {
        await files.discard(file).catch(() => {}) // what failed first says more
        throw error
      }
    },

    setAside: (file) => move(file, folder, crypto.randomUUID()),

    async discard(file) {
      await present(folder.removeEntry(file.name))
    },
  }
  return files
}

async function write(
  file: FileSystemFileHandle,
  fill: (writable: FileSystemWritableFileStream) => Promise<void>,
): Promise<void> {
  const writable = await file.createWritable()
  try {
    await fill(writable)
    await writable.close()
  } catch (error) {
    await writable.abort().catch(() => {}) // it may have failed itself
    throw error
  }
}
