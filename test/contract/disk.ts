/**
 * What every {@link Disk} must do. Runs wherever the disk runs, so it uses web standards only.
 */

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Bytes, Content, Disk, UploadReader } from '../../src/core/blobs/ports.ts'
import { type Algorithm, type Digest, digestOf } from '../../src/core/oci/digest.ts'
import { MIB } from '../support/bytes.ts'

export interface OpenDisk {
  readonly disk: Disk
  /** The same place as a new process finds it; a disk without a place gives itself. */
  reopen(): Promise<Disk>
  close(): Promise<void>
}

export function describeDisk(name: string, open: () => Promise<OpenDisk>): void {
  describe(`${name} is a Disk`, () => {
    let opened: OpenDisk
    let disk: Disk

    beforeEach(async () => {
      opened = await open()
      disk = opened.disk
    })
    afterEach(() => opened.close())

    describe('commit', () => {
      for (const size of [0, 1, 5000, 256 * 1024, 5 * MIB + 7]) {
        it(`keeps ${size} bytes`, async () => {
          const bytes = sample(size)
          const { digest, content } = await push(disk, bytes)
          expect(content.size).toBe(size)
          await expectContent(await disk.get(digest), bytes)
          await expectContent(await (await opened.reopen()).get(digest), bytes)
        })
      }

      it('takes sha512', async () => {
        const bytes = sample(70_000)
        const { digest } = await push(disk, bytes, 'sha512')
        expect(digest).toMatch(/^sha512:/)
        await expectContent(await disk.get(digest), bytes)
        expect(await collect(disk.list())).toEqual([digest])
      })

      it('takes another algorithm than the one expected', async () => {
        const bytes = sample(300_000)
        const upload = await disk.create({ algorithm: 'sha256' })
        await upload.append(chunked(bytes))
        const digest = await digestOf(bytes, 'sha512')
        await upload.commit(digest)
        await expectContent(await disk.get(digest), bytes)
      })

      it('changes nothing if the digest is wrong', async () => {
        const upload = await disk.create()
        await upload.append(chunked(sample(1000)))
        const digest = await digestOf(sample(1001))
        await expect(upload.commit(digest)).rejects.toMatchObject({
          code: 'DIGEST_INVALID',
          status: 400,
          detail: { digest, reason: expect.any(String) },
        })
        expect(await contents(disk)).toEqual({ blobs: [], uploads: [upload.id] })
        const again = await disk.resume(upload.id)
        await again!.commit(await digestOf(sample(1000)))
      })

      it('refuses a digest of nothing for an upload without bytes', async () => {
        const upload = await disk.create()
        await expect(upload.commit(await digestOf(sample(1)))).rejects.toMatchObject({
          code: 'DIGEST_INVALID',
        })
        await upload.cancel()
        expect(await contents(disk)).toEqual({ blobs: [], uploads: [] })
      })

      it('is idempotent for a blob that exists', async () => {
        const bytes = sample(5000)
        const { digest } = await push(disk, bytes)
        await push(disk, bytes)
        await expectContent(await disk.get(digest), bytes)
        expect(await contents(disk)).toEqual({ blobs: [digest], uploads: [] })
      })

      it('takes the same blob from two uploads at once', async () => {
        const bytes = sample(MIB)
        const uploads = [await disk.create(), await disk.create()]
        await Promise.all(uploads.map((upload) => upload.append(chunked(bytes))))
        const digest = await digestOf(bytes)
        await Promise.all(uploads.map((upload) => upload.commit(digest)))
        await expectContent(await disk.get(digest), bytes)
        expect(await contents(disk)).toEqual({ blobs: [digest], uploads: [] })
      })

      it('ends the upload', async () => {
        const upload = await disk.create()
        await upload.append(chunked(sample(10)))
        await upload.commit(await digestOf(sample(10)))
        expect(await disk.resume(upload.id)).toBeUndefined()
      })
    })

    describe('append', () => {
      it('adds to the end, step by step', async () => {
        const bytes = sample(40_000)
        const upload = await disk.create()
        for (let start = 0; start < bytes.length; start += 1111) {
          await upload.append(chunked(bytes.slice(start, start + 1111), 100))
          expect(upload.size).toBe(Math.min(start + 1111, bytes.length))
        }
        const digest = await digestOf(bytes)
        await upload.commit(digest)
        await expectContent(await disk.get(digest), bytes)
      })

      it('takes many tiny chunks', async () => {
        const bytes = sample(5000)
        const upload = await disk.create()
        await upload.append(chunked(bytes, 1))
        const digest = await digestOf(bytes)
        await upload.commit(digest)
        await expectContent(await disk.get(digest), bytes)
      })

      it('adds nothing if there are no bytes', async () => {
        const upload = await disk.create()
        await upload.append(chunked(sample(0)))
        expect(upload.size).toBe(0)
        await upload.append(chunked(sample(10)))
        await upload.append(chunked(sample(0)))
        expect(upload.size).toBe(10)
        await upload.commit(await digestOf(sample(10)))
      })

      it('shows nothing before the commit', async () => {
        const bytes = sample(1000)
        const upload = await disk.create()
        await upload.append(chunked(bytes))
        expect(await disk.get(await digestOf(bytes))).toBeUndefined()
        expect(await contents(disk)).toEqual({ blobs: [], uploads: [upload.id] })
      })

      it('keeps what arrived before its source failed', async () => {
        const bytes = sample(3 * MIB)
        const upload = await disk.create()
        const failure = new Error('client is gone')
        await expect(upload.append(failing(bytes.slice(0, 2 * MIB + 5), failure))).rejects.toBe(failure)
        await finish(upload.id, bytes)
      })

      it('keeps what arrived before it was aborted', async () => {
        const bytes = sample(3 * MIB)
        const upload = await disk.create()
        const controller = new AbortController()
        const stuck = stalling(bytes.slice(0, 2 * MIB + 5), () => controller.abort(new Error('enough')))
        await expect(upload.append(stuck, { signal: controller.signal })).rejects.toThrow('enough')
        await finish(upload.id, bytes)
      })

      it('adds nothing if it is aborted before it begins', async () => {
        const upload = await disk.create()
        const signal = AbortSignal.abort(new Error('too late'))
        await expect(upload.append(chunked(sample(10)), { signal })).rejects.toThrow('too late')
        expect(upload.size).toBe(0)
      })

      /** Goes on from where the upload says that it stands, and expects `bytes` to come out. */
      async function finish(id: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
        const upload = await disk.resume(id)
        expect(upload!.size).toBe(2 * MIB + 5)
        await upload!.append(chunked(bytes.slice(upload!.size)))
        const digest = await digestOf(bytes)
        await upload!.commit(digest)
        await expectContent(await disk.get(digest), bytes)
      }
    })

    describe('resume', () => {
      it('finds an upload by its id, also after a restart', async () => {
        const bytes = sample(2 * MIB)
        const upload = await disk.create()
        await upload.append(chunked(bytes.slice(0, MIB)))
        const again = await (await opened.reopen()).resume(upload.id)
        expect(again).toMatchObject({ id: upload.id, size: MIB })
        await again!.append(chunked(bytes.slice(MIB)))
        expect((await again!.commit(await digestOf(bytes))).size).toBe(2 * MIB)
      })

      it('finishes an upload that needs no more bytes', async () => {
        const bytes = sample(MIB)
        const upload = await disk.create()
        await upload.append(chunked(bytes))
        const again = await (await opened.reopen()).resume(upload.id)
        await again!.commit(await digestOf(bytes))
      })

      it('keeps the algorithm that it is given', async () => {
        const bytes = sample(MIB)
        const upload = await disk.create({ algorithm: 'sha512' })
        await upload.append(chunked(bytes.slice(0, 1000)))
        const again = await disk.resume(upload.id, { algorithm: 'sha512' })
        await again!.append(chunked(bytes.slice(1000)))
        await again!.commit(await digestOf(bytes, 'sha512'))
      })

      it('finds neither unknown ids nor an upload without bytes', async () => {
        const { id } = await disk.create()
        for (const unknown of [id, crypto.randomUUID(), '../index.json', '', 'x'.repeat(36)]) {
          expect(await disk.resume(unknown)).toBeUndefined()
        }
      })

      it('starts again under a given id', async () => {
        const id = crypto.randomUUID()
        const upload = await disk.create({ id })
        expect(upload).toMatchObject({ id, size: 0 })
        await upload.append(chunked(sample(10)))
        expect((await disk.resume(id))!.size).toBe(10)
      })
    })

    describe('cancel', () => {
      it('discards the bytes, any number of times', async () => {
        const upload = await disk.create()
        await upload.append(chunked(sample(1000)))
        await upload.cancel()
        await upload.cancel()
        expect(await disk.resume(upload.id)).toBeUndefined()
        expect(await contents(disk)).toEqual({ blobs: [], uploads: [] })
      })

      it('does nothing after a commit', async () => {
        const upload = await disk.create()
        await upload.append(chunked(sample(1000)))
        const digest = await digestOf(sample(1000))
        await upload.commit(digest)
        await upload.cancel()
        await expectContent(await disk.get(digest), sample(1000))
      })
    })

    describe('open', () => {
      it('reads what has arrived while more is appended', async () => {
        const bytes = sample(3 * MIB + 5)
        const upload = await disk.create()
        const progress: number[] = []
        const reader = await upload.open()
        const arrived = Promise.withResolvers<number>()
        const read = Promise.withResolvers<Uint8Array>()
        async function* slowly(): Bytes {
          yield* chunked(bytes.slice(0, 2 * MIB), MIB)
          read.resolve(await readAt(reader, 0, await arrived.promise))
          yield* chunked(bytes.slice(2 * MIB), MIB)
        }
        const onProgress = (size: number) => {
          progress.push(size)
          arrived.resolve(size)
        }
        await upload.append(slowly(), { onProgress })
        expectSame(await read.promise, bytes.subarray(0, progress[0]))
        expect(progress).toEqual(progress.toSorted((one, other) => one - other))
        expect(progress.at(-1)).toBe(bytes.length)
        expectSame(await readAt(reader, 0, bytes.length), bytes)
        await reader.close()
      })

      it('reports no bytes that cannot be read', async () => {
        const bytes = sample(3 * MIB)
        const upload = await disk.create()
        const reader = await upload.open()
        const checks: Promise<Uint8Array>[] = []
        const onProgress = (size: number) => checks.push(readAt(reader, size - 1, 1))
        await upload.append(chunked(bytes, 100_000), { onProgress })
        expect((await Promise.all(checks)).every((part) => part.length === 1)).toBe(true)
        await reader.close()
      })

      it('reads on after the upload was committed or cancelled', async () => {
        for (const end of ['commit', 'cancel'] as const) {
          const bytes = sample(MIB + 5)
          const upload = await disk.create()
          await upload.append(chunked(bytes))
          const reader = await upload.open()
          if (end === 'commit') await upload.commit(await digestOf(bytes))
          else await upload.cancel()
          expectSame(await readAt(reader, 0, bytes.length), bytes)
          await reader.close()
        }
      })

      it('fails for reads beyond the end', async () => {
        const upload = await disk.create()
        await upload.append(chunked(sample(5)))
        const reader = await upload.open()
        await expect(reader.read(5, 1)).rejects.toThrow()
        await reader.close()
        await upload.cancel()
      })
    })

    describe('truncate', () => {
      it('discards the end, which can be written again', async () => {
        const bytes = sample(2 * MIB)
        const upload = await disk.create()
        const reader = await upload.open()
        await upload.append(chunked(bytes.slice(0, MIB + 7)))
        await upload.append(chunked(new Uint8Array(MIB)), { last: true })
        await upload.truncate(MIB + 7)
        expect(upload.size).toBe(MIB + 7)
        await upload.append(chunked(bytes.slice(MIB + 7)), { last: true })
        await upload.commit(await digestOf(bytes))
        await expectContent(await disk.get(await digestOf(bytes)), bytes)
        expectSame(await readAt(reader, 0, bytes.length), bytes)
        await reader.close()
      })

      it('works after a commit that was refused, even to zero bytes', async () => {
        for (const kept of [0, 1000]) {
          const bytes = sample(5000)
          const upload = await disk.create()
          await upload.append(chunked(bytes.slice(0, kept)))
          await upload.append(chunked(sample(3000)), { last: true })
          await expect(upload.commit(await digestOf(bytes))).rejects.toMatchObject({ code: 'DIGEST_INVALID' })
          await upload.truncate(kept)
          await upload.append(chunked(bytes.slice(kept)), { last: true })
          await upload.commit(await digestOf(bytes))
          await expectContent(await disk.get(await digestOf(bytes)), bytes)
        }
      })

      it('changes nothing if there are fewer bytes', async () => {
        const upload = await disk.create()
        await upload.truncate(10)
        await upload.append(chunked(sample(5)))
        await upload.truncate(10)
        expect(upload.size).toBe(5)
        await upload.commit(await digestOf(sample(5)))
      })
    })

    describe('stream', () => {
      it('reads any part', async () => {
        const bytes = sample(2 * MIB)
        const { content } = await push(disk, bytes)
        const last = bytes.length - 1
        for (const [start, end] of [
          [0, 0],
          [0, 99],
          [MIB - 1, MIB],
          [7, 1_500_000],
          [last, last],
          [0, last],
        ] as const) {
          expectSame(await read(content.stream({ start, end })), bytes.subarray(start, end + 1))
        }
      })

      it('can be read many times at once, and be left unfinished', async () => {
        const bytes = sample(2 * MIB)
        const { content } = await push(disk, bytes)
        const left = content.stream().getReader()
        await left.read()
        await left.cancel()
        for (const whole of await Promise.all([read(content.stream()), read(content.stream())])) {
          expectSame(whole, bytes)
        }
      })

      it('goes on if the blob is deleted meanwhile', async () => {
        const bytes = sample(3 * MIB)
        const { digest, content } = await push(disk, bytes)
        const reader = content.stream().getReader()
        const { value: first } = await reader.read()
        await disk.delete(digest)
        const parts = [first!]
        for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value)
        expectSame(await joined(parts), bytes)
        expect(await disk.get(digest)).toBeUndefined()
      })
    })

    it('deletes a blob once, and takes it again', async () => {
      const { digest } = await push(disk, sample(1000))
      expect(await disk.delete(digest)).toBe(true)
      expect(await disk.delete(digest)).toBe(false)
      expect(await disk.get(digest)).toBeUndefined()
      expect(await contents(disk)).toEqual({ blobs: [], uploads: [] })
      await push(disk, sample(1000))
      await expectContent(await disk.get(digest), sample(1000))
    })

    it('lists blobs and uploads', async () => {
      const blobs = []
      for (const size of [0, 1, 2, 3]) blobs.push((await push(disk, sample(size))).digest)
      const uploads = [await disk.create(), await disk.create()]
      for (const upload of uploads) await upload.append(chunked(sample(5)))
      const expected = { blobs: blobs.sort(), uploads: uploads.map(({ id }) => id).sort() }
      expect(await contents(disk)).toEqual(expected)
      expect(await contents(await opened.reopen())).toEqual(expected)
    })
  })
}

/** Bytes that differ from block to block, the same for the same size, so that a misplaced one is seen. */
function sample(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  for (let position = 0; position < size; position++)
    bytes[position] = (position * 31 + (position >> 8) * 7) & 0xff
  return bytes
}

async function* chunked(bytes: Uint8Array, size = 65_536): Bytes & AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.slice(start, start + size)
}

async function* failing(bytes: Uint8Array, failure: Error): Bytes & AsyncGenerator<Uint8Array> {
  yield* chunked(bytes)
  throw failure
}

/** Gives `bytes`, and then nothing for ever. */
async function* stalling(bytes: Uint8Array, onStall: () => void): Bytes & AsyncGenerator<Uint8Array> {
  yield* chunked(bytes)
  onStall()
  await new Promise(() => {})
}

/** May come in pieces. */
async function readAt(reader: UploadReader, start: number, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let read = 0; read < length; read += parts.at(-1)!.length) {
    parts.push(await reader.read(start + read, length - read))
  }
  return joined(parts)
}

async function push(
  disk: Disk,
  bytes: Uint8Array<ArrayBuffer>,
  algorithm: Algorithm = 'sha256',
): Promise<{ digest: Digest; content: Content }> {
  const upload = await disk.create({ algorithm })
  await upload.append(chunked(bytes))
  const digest = await digestOf(bytes, algorithm)
  return { digest, content: await upload.commit(digest) }
}

async function expectContent(content: Content | undefined, bytes: Uint8Array): Promise<void> {
  expect(content?.size).toBe(bytes.length)
  expectSame(await read(content!.stream()), bytes)
}

/** A deep comparison of millions of elements would take seconds. */
function expectSame(actual: Uint8Array, expected: Uint8Array): void {
  expect(actual.length).toBe(expected.length)
  expect(actual.findIndex((byte, position) => byte !== expected[position])).toBe(-1)
}

const read = (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).bytes()

const joined = (parts: Uint8Array[]): Promise<Uint8Array> =>
  new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer().then((buffer) => new Uint8Array(buffer))

async function contents(disk: Disk): Promise<{ blobs: Digest[]; uploads: string[] }> {
  return { blobs: (await collect(disk.list())).sort(), uploads: (await collect(disk.uploads())).sort() }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}
