/**
 * Files, each a sequence of chunks in the database. A file that no row names any longer is removed when its last reader
 * has ended, or at the next start.
 */

import type { Content } from '../../core/blobs/ports.ts'
import { storageFailed } from '../../core/oci/error.ts'
import type { ByteRange } from '../../core/oci/range.ts'
import { throwStorageError } from '../disk/storage-error.ts'
import type { Connection, DiskDatabase, FileRow } from './database.ts'

/** A reader of a blob begins within this time. */
const READ_START_MS = 250

/** The bytes from `start` on that were written at once. */
export interface Chunk {
  readonly start: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface ChunkFiles {
  /** Returns the chunk with the byte at `position`. @throws RegistryError if there is none */
  read(file: string, position: number): Promise<Chunk>
  /** Keeps the chunks of a file until the returned function is called. */
  hold(file: string): () => void
  contentOf(row: FileRow): Content
  /** Removes the chunks of a file in `leaving` once nobody reads it. If that fails, the next start does it. */
  remove(file: string): Promise<void>
  /** Removes the files in `leaving` that a stopped worker has left. */
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
    read: async (file, position) => chunkAt(await database.open(), file, position).catch(throwStorageError),

    hold(file) {
      readers.set(file, (readers.get(file) ?? 0) + 1)
      let isHeld = true
      return () => {
        if (isHeld) leave(file)
        isHeld = false
      }
    },

    contentOf(row) {
      setTimeout(files.hold(row.file), READ_START_MS)
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

async function chunkAt(connection: Connection, file: string, position: number): Promise<Chunk> {
  const range = IDBKeyRange.bound([file, 0], [file, position])
  const cursor = await connection.transaction('chunks').store.openCursor(range, 'prev')
  const chunk = cursor && { start: cursor.key[1], bytes: cursor.value }
  if (!chunk || position >= chunk.start + chunk.bytes.length)
    throw storageFailed('bytes of a file are missing')
  return chunk
}

/** Chunks are not copied: each was read for this stream alone. */
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
