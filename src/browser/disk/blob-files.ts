/**
 * The blobs, each a file named by its digest. Apart because of those who read them: a file that was handed out cannot
 * simply go, for it is opened only by its first read.
 */
import { LRUCache } from 'lru-cache'
import { createKeyedMutex } from '../../core/async/keyed-mutex.ts'
import { type Algorithm, algorithmOf, type Digest, encodedOf, parseDigest } from '../../core/oci/digest.ts'
import { FileContent } from './file-content.ts'
import { move } from './move.ts'
import { present } from './storage-error.ts'
import type { TemporaryFiles } from './temporary-files.ts'

/**
 * Milliseconds in which who got a file begins to read it, after which it may be moved, and in which he ends, after
 * which it may be removed: Chromium reads on then where files are on a disk, but not in a private window.
 */
const TIME_TO_BEGIN = 250
const TIME_TO_END = 10_000

export interface BlobFiles {
  /** `undefined` where there is none. */
  get(digest: Digest): Promise<FileContent | undefined>
  /** Moves `file` to its digest's place, unless another is there that somebody relies on. Gives what is there then. */
  publish(file: FileSystemFileHandle, digest: Digest, isNew: boolean): Promise<FileSystemFileHandle>
  /** The content of a file that was published. */
  contentOf(digest: Digest, file: FileSystemFileHandle): Promise<FileContent>
  /** Gone at once for whoever asks from now on. `false` where there was none. */
  delete(digest: Digest): Promise<boolean>
  list(): AsyncIterable<Digest>
}

export function createBlobFiles(
  folders: ReadonlyMap<Algorithm, FileSystemDirectoryHandle>,
  temporary: TemporaryFiles,
): BlobFiles {
  const locks = createKeyedMutex()
  /** When somebody got a blob who may be reading it still. */
  const given = new LRUCache<Digest, number>({ max: 1024, ttl: TIME_TO_END })
  const leaving = new Set<Digest>()

  const folderOf = (digest: Digest) => folders.get(algorithmOf(digest))!

  const find = (digest: Digest) => present(folderOf(digest).getFileHandle(encodedOf(digest)))

  function give(digest: Digest, file: File): FileContent {
    given.set(digest, performance.now())
    return new FileContent(file)
  }

  /** A file that may be being read is only moved; it goes later, or with the next start. */
  async function remove(digest: Digest): Promise<boolean> {
    const file = await find(digest)
    const time = given.get(digest)
    if (!file) return false
    if (time === undefined) {
      await folderOf(digest).removeEntry(file.name)
      return true
    }
    await until(time + TIME_TO_BEGIN)
    await temporary.setAside(file)
    void until(time + TIME_TO_END)
      .then(() => temporary.discard(file))
      .catch(() => {}) // the next start removes it
    return true
  }

  return {
    async get(digest) {
      const handle = await find(digest)
      const file = handle && (await present(handle.getFile()))
      return file && !leaving.has(digest) ? give(digest, file) : undefined
    },

    publish: (file, digest, isNew) =>
      locks.run(digest, async () => {
        const held = isNew ? undefined : await find(digest)
        if (held && (await isOfSameSize(held, file))) return held
        await move(file, folderOf(digest), encodedOf(digest))
        return file
      }),

    contentOf: async (digest, file) => give(digest, await file.getFile()),

    delete: (digest) =>
      locks.run(digest, async () => {
        leaving.add(digest)
        const removed = await present(remove(digest)).finally(() => leaving.delete(digest))
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
