/** Copies files into one. Apart for the ways in which browsers do that badly. */
import { bytesOf } from '../../core/blobs/blob-bytes.ts'
import { isNamed } from './storage-error.ts'
import type { TemporaryFiles } from './temporary-files.ts'

type Copy = (sources: readonly Blob[], writable: FileSystemWritableFileStream) => Promise<void>

/** Firefox 153 writes a `Blob` at a tenth of the speed of bytes. There is nothing to tell that by but its name. */
const writesBlobsSlowly = /\bFirefox\//.test(navigator.userAgent)

/** Gives a temporary file. */
export async function copyFiles(
  sources: readonly Blob[],
  temporary: TemporaryFiles,
): Promise<FileSystemFileHandle> {
  const make = (copy: Copy) => temporary.make((writable) => copy(sources, writable))
  if (writesBlobsSlowly) return make(copyBytes)
  try {
    return await make(copyWhole)
  } catch (error) {
    // Chromium says so, now and then, of a source that it let go of because there was no room: the slow way tells.
    if (!isNamed(error, 'NotReadableError')) throw error
    return make(copyBytes)
  }
}

/** The bytes do not pass through here. */
const copyWhole: Copy = async (sources, writable) => {
  for (const source of sources) await writable.write(source)
}

const copyBytes: Copy = async (sources, writable) => {
  for (const source of sources) for await (const bytes of bytesOf(source)) await writable.write(bytes)
}
