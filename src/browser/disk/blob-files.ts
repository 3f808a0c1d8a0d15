/**
 * The blobs, each in a file named by its digest. A file that a reader has received can't simply be removed, because the
 * browser opens it only at the first read.
 */
import { LRUCache } from 'lru-cache'
import { createKeyedMutex } from '../../core/async/mutex.ts'
import { type Algorithm, algorithmOf, type Digest, encodedOf, parseDigest } from '../../core/oci/digest.ts'
import { FileContent } from './file-content.ts'
import { ifExists } from './storage-error.ts'
import type { TemporaryFiles } from './temporary-files.ts'
import { moveFile } from './temporary-files.ts'

/** A reader begins within this time. After that, the file may be moved. */
const READ_START_MS = 250

/**
 * A reader is expected to end within this time, after which the file may be removed. Chromium reads on even then if
 * files are on a disk, but not in a private window.
 */
const READ_END_MS = 10_000

export interface BlobFiles {
  get(digest: Digest): Promise<FileContent | undefined>
  /** Moves `file` to its digest's path, unless it is not new and a file of its size is there. Returns the file there. */
  publish(file: FileSystemFileHandle, digest: Digest, isNew: boolean): Promise<FileSystemFileHandle>
  /** Returns the content of a published file. */
  contentOf(digest: Digest, file: FileSystemFileHandle): Promise<FileContent>
  /** Hides the blob from new readers at once. Returns `false` if there was none. */
  delete(digest: Digest): Promise<boolean>
  list(): AsyncIterable<Digest>
}

export function createBlobFiles(
  folders: ReadonlyMap<Algorithm, FileSystemDirectoryHandle>,
  temporary: TemporaryFiles,
): BlobFiles {
  const locks = createKeyedMutex()
  /** When each blob was last given to a reader, who may still be reading it. */
  const given = new LRUCache<Digest, number>({ max: 1024, ttl: READ_END_MS })
  const deleting = new Set<Digest>()

  const folderOf = (digest: Digest) => folders.get(algorithmOf(digest))!

  const find = (digest: Digest) => ifExists(folderOf(digest).getFileHandle(encodedOf(digest)))

  function give(digest: Digest, file: File): FileContent {
    given.set(digest, performance.now())
    return new FileContent(file)
  }

  /** Only detaches a file that may be in use; it is removed later, or at the next start. */
  async function remove(digest: Digest): Promise<boolean> {
    const file = await find(digest)
    const time = given.get(digest)
    if (!file) return false
    if (time === undefined) {
      await folderOf(digest).removeEntry(file.name)
      return true
    }
    await until(time + READ_START_MS)
    await temporary.detach(file)
    void until(time + READ_END_MS)
      .then(() => temporary.discard(file))
      .catch(() => {}) // the next start removes it
    return true
  }

  return {
    async get(digest) {
      const handle = await find(digest)
      const file = handle && (await ifExists(handle.getFile()))
      return file && !deleting.has(digest) ? give(digest, file) : undefined
    },

    publish: (file, digest, isNew) =>
      locks.run(digest, async () => {
        const held = isNew ? undefined : await find(digest)
        if (held && (await isOfSameSize(held, file))) return held
        await moveFile(file, folderOf(digest), encodedOf(digest))
        return file
      }),

    contentOf: async (digest, file) => give(digest, await file.getFile()),

    delete: (digest) =>
      locks.run(digest, async () => {
        deleting.add(digest)
        const removed = await ifExists(remove(digest)).finally(() => deleting.delete(digest))
        return removed ?? false
      }),

    async *list() {
      for (const [algorithm, folder] of folders) {
        for await (const name of folder.keys()) {
          const digest = parseDigest(`${algorithm}:${name}`)
          if (digest) yield digest
        }
      }
    },
  }
}

async function isOfSameSize(one: FileSystemFileHandle, other: FileSystemFileHandle): Promise<boolean> {
  const [{ size }, { size: otherSize }] = await Promise.all([one.getFile(), other.getFile()])
  return size === otherSize
}

const until = (time: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, time - performance.now()))
