/**
 * Files, each a row of chunks. Apart because of those who read them: a file that nobody names any more goes when its last
 * reader has ended, or with the next start.
 */

import type { Content } from '../../core/blobs/ports.ts'
import { storageFailed } from '../../core/oci/error.ts'
import type { ByteRange } from '../../core/oci/range.ts'
import { rethrow } from '../disk/storage-error.ts'
import type { DiskDatabase, FileRow, Pages } from './database.ts'

/** Milliseconds in which who got a blob begins to read it. */
const TIME_TO_BEGIN = 250

/** The bytes of a file from `start` on, as many as were written at once. */
export interface Chunk {
  readonly start: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface ChunkFiles {
  /** The chunk with the byte at `position`. @throws RegistryError where there is none */
  read(file: string, position: number): Promise<Chunk>
  /** Its chunks stay until the function that is given is called, once. */
  hold(file: string): () => void
  contentOf(row: FileRow): Content
  /** Removes the chunks of a file that stands in `leaving`, as soon as nobody reads it; what fails, the next start does. */
  remove(file: string): Promise<void>
  /** Removes what the last one has left. */
  sweep(): Promise<void>
}

export function createChunkFiles(database: DiskDatabase): ChunkFiles {
  const readers = new Map<string, number>()
  const leaving = new Set<string>()

  async function purge(file: string): Promise<void> {
    leaving.delete(file)
    await database.write(['chunks', 'leaving'], (transaction) =>
      Promise.all([
        transaction.objectStore('chunks').delete(IDBKeyRange.bound([file, 0], [file, Infinity])),
        transaction.objectStore('leaving').delete(file),
      ]),
    )
  }

  function leave(file: string): void {
    const others = readers.get(file)! - 1
    if (others > 0) return void readers.set(file, others)
    readers.delete(file)
    if (leaving.has(file)) void purge(file).catch(() => {})
  }

  const files: ChunkFiles = {
    read: async (file, position) => chunkAt(await database.open(), file, position).catch(rethrow),

    hold(file) {
      readers.set(file, (readers.get(file) ?? 0) + 1)
      let isHeld = true
      return () => {
        if (isHeld) leave(file)
        isHeld = false
      }
    },

    contentOf(row) {
      setTimeout(files.hold(row.file), TIME_TO_BEGIN)
      return { size: row.size, stream: (range) => streamOf(files, row, range) }
    },

    async remove(file) {
      leaving.add(file)
      if (!readers.has(file)) await purge(file).catch(() => {})
    },

    async sweep() {
      const left = await (await database.open()).getAllKeys('leaving')
      for (const file of left) await purge(file)
    },
  }
  return files
}

async function chunkAt(pages: Pages, file: string, position: number): Promise<Chunk> {
  const range = IDBKeyRange.bound([file, 0], [file, position])
  const cursor = await pages.transaction('chunks').store.openCursor(range, 'prev')
  const chunk = cursor && { start: cursor.key[1], bytes: cursor.value }
  if (!chunk || position >= chunk.start + chunk.bytes.length) throw storageFailed('bytes are missing')
  return chunk
}

/** Each chunk was read for this stream alone, so it is handed over as it is. */
function streamOf(files: ChunkFiles, { file, size }: FileRow, range?: ByteRange): ReadableStream<Uint8Array> {
  let position = range?.start ?? 0
  const end = range ? range.end + 1 : size
  const release = files.hold(file)
  return new ReadableStream({
    async pull(controller) {
      try {
        if (position < end) {
          const { start, bytes } = await files.read(file, position)
          controller.enqueue(bytes.subarray(position - start, end - start))
          position = start + bytes.length
        }
      } catch (error) {
        release()
        throw error
      }
      if (position < end) return
      release()
      controller.close()
    },
    cancel: release,
  })
}
