/** Copies files into one; their bytes do not pass through here. Apart for what browsers say where that fails. */
import { isNamed } from './storage-error.ts'
import type { TemporaryFiles } from './temporary-files.ts'
import { writableBytes } from './writable-bytes.ts'

/** Gives a temporary file. */
export async function copyFiles(
  sources: readonly Blob[],
  temporary: TemporaryFiles,
): Promise<FileSystemFileHandle> {
  try {
    return await temporary.make(async (writable) => {
      for (const source of sources) await writable.write(source)
    })
  } catch (error) {
    // Chromium says so, now and then, of a source that it let go of because there was no room: the slow way tells.
    if (!isNamed(error, 'NotReadableError')) throw error
    return temporary.make((writable) => copyChunks(sources, writable))
  }
}

async function copyChunks(sources: readonly Blob[], writable: FileSystemWritableFileStream): Promise<void> {
  for (const source of sources)
    for await (const chunk of source.stream()) await writable.write(writableBytes(chunk))
}
