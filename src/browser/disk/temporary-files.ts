/**
 * Temporary files, in a folder that the next start empties: files that are being written before they are moved to their
 * final path, and files that were detached from it but are still being read. And what moves, copies and cleans up.
 */

import { bytesOf } from '../../core/blobs/blob-bytes.ts'
import { isUploadFolder, readParts } from './parts.ts'
import { ifExists, isNamed } from './storage-error.ts'

export interface TemporaryFiles {
  /** Creates a file with what `fill` writes. If that fails, nothing is left of it. */
  create(fill: (writable: FileSystemWritableFileStream) => Promise<void>): Promise<FileSystemFileHandle>
  /** Moves a file here from its path. Readers that have `file`, or have begun to read, can go on. */
  detach(file: FileSystemFileHandle): Promise<void>
  /** Removes a temporary file. Idempotent. */
  discard(file: FileSystemFileHandle): Promise<void>
}

export function createTemporaryFiles(folder: FileSystemDirectoryHandle): TemporaryFiles {
  const files: TemporaryFiles = {
    async create(fill) {
      const file = await folder.getFileHandle(crypto.randomUUID(), { create: true })
      try {
        await write(file, fill)
        return file
      } catch (error) {
        await files.discard(file).catch(() => {}) // what failed first says more
        throw error
      }
    },

    detach: (file) => moveFile(file, folder, crypto.randomUUID()),

    async discard(file) {
      await ifExists(folder.removeEntry(file.name))
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

/**
 * TypeScript does not know `move` yet, although all browsers do.
 *
 * @see https://github.com/whatwg/fs/pull/10
 */
interface Movable {
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>
}

/** Moves a file in one step, replacing what was there. Afterwards `file` is the file at its new path. */
export const moveFile = (
  file: FileSystemFileHandle,
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<void> => (file as FileSystemFileHandle & Movable).move(folder, name)

type Copy = (sources: readonly Blob[], writable: FileSystemWritableFileStream) => Promise<void>

/** Firefox 153 writes a `Blob` at a tenth of the speed of bytes. Only its name tells. */
const writesBlobsSlowly = /\bFirefox\//.test(navigator.userAgent)

/** Copies `sources` into one temporary file. */
export async function concatenate(
  sources: readonly Blob[],
  temporary: TemporaryFiles,
): Promise<FileSystemFileHandle> {
  const createBy = (copy: Copy) => temporary.create((writable) => copy(sources, writable))
  if (writesBlobsSlowly) return createBy(copyBytes)
  try {
    return await createBy(copyWhole)
  } catch (error) {
    // Chromium sometimes reports this for a source when the storage is full. Copying bytes gives the real error.
    if (!isNamed(error, 'NotReadableError')) throw error
    return createBy(copyBytes)
  }
}

/** The browser copies: the bytes don't pass through this context. */
const copyWhole: Copy = async (sources, writable) => {
  for (const source of sources) await writable.write(source)
}

const copyBytes: Copy = async (sources, writable) => {
  for (const source of sources) for await (const bytes of bytesOf(source)) await writable.write(bytes)
}

type Folder = FileSystemDirectoryHandle

/**
 * Removes what a stopped worker has left half done. Of the uploads, closed parts without a gap stay, and so does what
 * another context still writes, because it is locked.
 */
export async function removeLeftovers(uploads: Folder, temporary: Folder): Promise<void> {
  for await (const name of temporary.keys()) await remove(temporary, name)
  for await (const entry of uploads.values()) {
    const isWanted = isUploadFolder(entry) && (await cleanUpload(entry))
    if (!isWanted) await remove(uploads, entry.name)
  }
}

/** Returns whether there is anything to keep. */
async function cleanUpload(folder: Folder): Promise<boolean> {
  const parts = new Set((await readParts(folder)).map(({ handle }) => handle.name))
  for await (const name of folder.keys()) if (!parts.has(name)) await remove(folder, name)
  return parts.size > 0
}

const remove = (folder: Folder, name: string): Promise<void> =>
  folder.removeEntry(name, { recursive: true }).catch(() => {})
