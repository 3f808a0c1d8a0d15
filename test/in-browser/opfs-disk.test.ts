/** What the OPFS disk promises beyond the port: its files, and what a stopped worker leaves. */

import type {} from '@vitest/browser-playwright'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cdp } from 'vitest/browser'
import { blobOf } from '../../src/browser/disk/file-content.ts'
import { openOpfsDisk } from '../../src/browser/disk/opfs-disk.ts'
import { createMemoryDisk } from '../../src/core/blobs/memory-disk.ts'
import type { Bytes, Content, Disk, UploadReader } from '../../src/core/blobs/ports.ts'
import { type Digest, digestOf } from '../../src/core/oci/digest.ts'
import { PATIENCE } from '../support/patience.ts'
import { openStorageFolder, type StorageFolder } from './storage-folder.ts'

const MIB = 1024 * 1024

describe('the OPFS disk', () => {
  const bytes = sample(5000)
  let digest: Digest
  let folder: StorageFolder
  let disk: Disk

  beforeEach(async () => {
    digest = await digestOf(bytes)
    folder = await openStorageFolder()
    disk = await openOpfsDisk(folder.root)
  })
  afterEach(() => folder.close())

  const pathOf = (digest: Digest): string => `blobs/${digest.replace(':', '/')}`

  async function push(bytes: Uint8Array<ArrayBuffer>, into = disk): Promise<Content> {
    const upload = await into.create()
    await upload.append(chunks(bytes))
    return upload.commit(await digestOf(bytes))
  }

  it('keeps a blob as a plain file named by its digest', async () => {
    await push(bytes)
    expect(await folder.files()).toEqual([pathOf(digest)])
  })

  it('keeps a part for each append, and joins them', async () => {
    const upload = await disk.create()
    for (const part of [bytes.slice(0, 2000), bytes.slice(2000, 2001), bytes.slice(2001)]) {
      await upload.append(chunks(part))
    }
    expect(await folder.files()).toEqual([0, 2000, 2001].map((start) => `uploads/${upload.id}/${start}`))
    await upload.commit(digest)
    expect(await folder.files()).toEqual([pathOf(digest)])
    expect(await readAll(await disk.get(digest))).toEqual(bytes)
  })

  it('does not replace an existing blob, which may have readers', async () => {
    const before = await push(bytes)
    await push(bytes)
    expect(await readAll(before)).toEqual(bytes)
    expect(await folder.files()).toEqual([pathOf(digest)])
  })

  it('replaces a file that no repository links', async () => {
    await folder.write(pathOf(digest), new Uint8Array(bytes.length))
    const upload = await disk.create()
    await upload.append(chunks(bytes))
    expect(await readAll(await upload.commit(digest, { isNew: true }))).toEqual(bytes)
  })

  it('makes a long append durable part by part', async () => {
    const bytes = sample(6 * MIB + 5)
    const stepwise = await openOpfsDisk(folder.root, { partTime: 0 })
    const upload = await stepwise.create()
    let seen = 0
    async function* watched(): Bytes & AsyncGenerator<Uint8Array> {
      yield* chunks(bytes)
      seen = (await disk.resume(upload.id))!.size
    }
    await upload.append(watched())
    expect(seen).toBeGreaterThanOrEqual(4 * MIB)
    expect(await isSame([await readAll(await upload.commit(await digestOf(bytes)))], bytes)).toBe(true)
  })

  it('serves a reader that has fallen behind', async () => {
    const bytes = sample(12 * MIB)
    const upload = await disk.create()
    const reader = await upload.open()
    const read: Uint8Array<ArrayBuffer>[] = []
    let available = 0
    async function* slowly(): Bytes & AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks(bytes)) {
        yield chunk
        if (available % (3 * MIB) === 0) read.push(await reader.read(sizeOf(read), MIB))
      }
    }
    await upload.append(slowly(), {
      onProgress: (size) => {
        available = size
      },
    })
    await upload.commit(await digestOf(bytes))
    while (sizeOf(read) < bytes.length) read.push(await reader.read(sizeOf(read), MIB))
    expect(await isSame(read, bytes)).toBe(true)
    await reader.close()
  })

  it('waits for a reader that follows closely, so that nothing is read from a file', async () => {
    const bytes = sample(16 * MIB)
    const upload = await disk.create()
    const reader = await upload.open()
    const read: Uint8Array<ArrayBuffer>[] = []
    async function follow(): Promise<void> {
      while (sizeOf(read) < 8 * MIB) {
        read.push(await reader.read(sizeOf(read), MIB))
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    let following: Promise<void> | undefined
    await upload.append(chunks(bytes), { onProgress: () => (following ??= follow()) })
    await following
    expect(await folder.files()).toEqual([`uploads/${upload.id}/0`])
    expect(await isSame(read, bytes.slice(0, sizeOf(read)))).toBe(true)
    await reader.close()
  })

  it('can be read while it is committed or cancelled', async () => {
    for (const end of ['commit', 'cancel'] as const) {
      const upload = await disk.create()
      await upload.append(chunks(bytes.slice(0, 3000)))
      await upload.append(chunks(bytes.slice(3000)))
      const reader = await upload.open()
      const reading = Array.from({ length: 20 }, () => readBack(reader, bytes.length))
      await (end === 'commit' ? upload.commit(digest) : upload.cancel())
      for (const read of await Promise.all(reading)) expect(read).toEqual(bytes)
      expect(await readBack(reader, bytes.length)).toEqual(bytes)
      await reader.close()
      expect(await folder.files()).toEqual([pathOf(digest)])
    }
  })

  it('does not reuse the hash of other bytes', async () => {
    const upload = await disk.create()
    await upload.append(chunks(bytes))
    await upload.truncate(1000)
    await upload.append(chunks(new Uint8Array(4000)))
    await expect(upload.commit(digest)).rejects.toMatchObject({ code: 'DIGEST_INVALID' })
    await upload.truncate(1000)
    await upload.append(chunks(bytes.slice(1000)))
    await upload.commit(digest)
  })

  describe('opening', () => {
    it('removes what cannot be resumed', async () => {
      const [whole, torn, empty] = [crypto.randomUUID(), crypto.randomUUID(), crypto.randomUUID()]
      await folder.write(`uploads/${whole}/0`, bytes.slice(0, 3000))
      await folder.write(`uploads/${whole}/3000`, bytes.slice(3000))
      await folder.write(`uploads/${whole}/5000`, new Uint8Array())
      await folder.write(`uploads/${whole}/6000`, bytes)
      await folder.write(`uploads/${whole}/0x1`, bytes)
      await folder.write(`uploads/${torn}/1`, bytes)
      await folder.write(`uploads/${empty}/0`, new Uint8Array())
      await folder.write('uploads/else', bytes)
      await folder.write('uploads/else where/0', bytes)
      await folder.write('temporary/left', bytes)
      disk = await openOpfsDisk(folder.root)
      expect(await folder.files()).toEqual([`uploads/${whole}/0`, `uploads/${whole}/3000`])
      expect(await Array.fromAsync(disk.uploads())).toEqual([whole])
      expect(await readAll(await (await disk.resume(whole))!.commit(digest))).toEqual(bytes)
    })

    it('keeps what was acknowledged to a stopped worker, and nothing else', async () => {
      const worker = new Worker(new URL('./appending-worker.ts', import.meta.url), { type: 'module' })
      const id = await new Promise<string>((resolve, reject) => {
        worker.addEventListener('message', ({ data }) => resolve(data))
        worker.addEventListener('error', reject)
        worker.postMessage(folder.root.name)
      })
      const beside = await openOpfsDisk(folder.root)
      expect((await beside.resume(id))!.size).toBe(1000)
      worker.terminate()
      await expect
        .poll(async () => {
          disk = await openOpfsDisk(folder.root)
          return folder.files()
        }, PATIENCE)
        .toEqual([`uploads/${id}/0`])
      const upload = await disk.resume(id)
      await upload!.append(chunks(bytes))
      expect(upload!.size).toBe(6000)
    })

    it('does not disturb a worker that still writes', async () => {
      const upload = await disk.create()
      async function* interrupted(): Bytes & AsyncGenerator<Uint8Array> {
        yield bytes.slice(0, 3000)
        yield new Uint8Array()
        await openOpfsDisk(folder.root)
        yield bytes.slice(3000)
      }
      await upload.append(interrupted())
      expect(await readAll(await upload.commit(digest))).toEqual(bytes)
    })
  })

  describe('a file that another context removes', () => {
    it('is not found', async () => {
      const content = await push(bytes)
      await folder.remove(pathOf(digest))
      expect(await disk.get(digest)).toBeUndefined()
      expect(await disk.delete(digest)).toBe(false)
      await expect(readAll(content)).rejects.toThrow()
      expect(await readAll(await push(bytes))).toEqual(bytes)
    })
  })

  it('lists nothing but blobs', async () => {
    await push(bytes)
    await folder.write('blobs/sha256/README', bytes)
    await folder.write(`blobs/sha256/${'A'.repeat(64)}`, bytes)
    expect(await Array.fromAsync(disk.list())).toEqual([digest])
  })

  it('returns the file itself', async () => {
    const content = await push(bytes)
    expect(await new Response(blobOf(content)!).bytes()).toEqual(bytes)
    const response = new Response(blobOf(content, { start: 10, end: 19 })!)
    expect(response.headers.get('content-type')).toBe(null)
    expect(await response.bytes()).toEqual(bytes.slice(10, 20))
    expect(blobOf(await push(bytes, createMemoryDisk()))).toBe(undefined)
  })

  describe('a full storage', () => {
    const override = (options: { quotaSize?: number }) =>
      cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, ...options })

    afterEach(() => override({}))

    it('refuses an append and leaves nothing of it', async () => {
      await push(bytes)
      const upload = await disk.create()
      await override({ quotaSize: await usageAnd(4 * MIB) })
      await expect(upload.append(chunks(sample(16 * MIB)))).rejects.toMatchObject({ status: 507 })
      expect(upload.size).toBe(0)
      expect(await folder.files()).toEqual([pathOf(digest)])
    })

    it('keeps what was acknowledged', async () => {
      const upload = await disk.create()
      await upload.append(chunks(bytes.slice(0, 3000)))
      await override({ quotaSize: await usageAnd(4 * MIB) })
      await expect(upload.append(chunks(sample(16 * MIB)))).rejects.toMatchObject({ status: 507 })
      await override({})
      expect(upload.size).toBe(3000)
      await upload.append(chunks(bytes.slice(3000)))
      await upload.commit(digest)
    })

    it('refuses a commit that needs a copy, and accepts it when there is free space', async () => {
      const bytes = sample(16 * MIB)
      const upload = await disk.create()
      await upload.append(chunks(bytes.slice(0, 8 * MIB)))
      await upload.append(chunks(bytes.slice(8 * MIB)))
      await override({ quotaSize: await usageAnd(4 * MIB) })
      // More than once, because the browser's errors vary.
      for (let attempt = 0; attempt < 8; attempt++)
        await expect(upload.commit(await digestOf(bytes))).rejects.toMatchObject({ status: 507 })
      expect(await folder.files()).toHaveLength(2)
      await override({})
      await upload.commit(await digestOf(bytes))
    })
  })
})

const usageAnd = async (more: number): Promise<number> => (await navigator.storage.estimate()).usage! + more

/** Bytes that differ from block to block. */
function sample(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let position = 0; position < size; position++)
    bytes[position] = (position * 31 + (position >> 8) * 7) & 255
  return bytes
}

async function* chunks(bytes: Uint8Array, size = 65_536): Bytes & AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size)
}

const readAll = (content: Content | undefined): Promise<Uint8Array<ArrayBuffer>> =>
  new Response(content!.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).bytes()

async function readBack(reader: UploadReader, size: number): Promise<Uint8Array> {
  const read: Uint8Array<ArrayBuffer>[] = []
  while (sizeOf(read) < size) read.push(await reader.read(sizeOf(read), size))
  return new Blob(read).bytes()
}

const sizeOf = (pieces: readonly Uint8Array[]): number =>
  pieces.reduce((size, piece) => size + piece.length, 0)

/** A deep comparison of millions of elements would take seconds. */
async function isSame(pieces: Uint8Array<ArrayBuffer>[], bytes: Uint8Array): Promise<boolean> {
  const joined = await new Blob(pieces).bytes()
  return joined.length === bytes.length && joined.every((byte, position) => byte === bytes[position])
}
