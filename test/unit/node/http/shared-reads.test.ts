/** What files pass through on their way out: the right bytes, read once for several readers, never overwritten in use. */
import { randomBytes } from 'node:crypto'
import { open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { PIECE_SIZE, type Piece, PieceReader } from '../../../../src/node/http/shared-reads.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

/** A file of so many random bytes, and any number of readers of it. */
async function setUp(size: number) {
  await using opened = new AsyncDisposableStack()
  const folder = opened.use(await openTemporaryFolder())
  const path = join(folder.path, 'blob')
  const content = randomBytes(size)
  await writeFile(path, content)
  const file = opened.use(await open(path))
  const resources = opened.move()
  return {
    path,
    content,
    file,
    reader: () => new PieceReader(path, file),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

async function readAll(reader: PieceReader, start: number, end: number): Promise<Buffer> {
  const read: Uint8Array[] = []
  for (let position = start; position < end; ) {
    const { bytes, release } = await reader.take(position, end - position)
    read.push(Buffer.from(bytes))
    position += bytes.length
    release()
  }
  return Buffer.concat(read)
}

describe('a file, piece by piece', () => {
  it.each([
    [0, 5 * PIECE_SIZE + 1],
    [1, PIECE_SIZE],
    [PIECE_SIZE - 1, PIECE_SIZE + 1],
    [3 * PIECE_SIZE, 3 * PIECE_SIZE + 1],
  ])('is what it is from %i to %i', async (start, end) => {
    await using blob = await setUp(5 * PIECE_SIZE + 1)
    using reader = blob.reader()
    expect((await readAll(reader, start, end)).equals(blob.content.subarray(start, end))).toBe(true)
  })

  it('is read once for those who are close to each other', async () => {
    await using blob = await setUp(3 * PIECE_SIZE)
    const reads = vi.spyOn(blob.file, 'read')
    using first = blob.reader()
    using second = blob.reader()
    const all = [readAll(first, 0, 3 * PIECE_SIZE), readAll(second, 0, 3 * PIECE_SIZE)]
    for (const read of await Promise.all(all)) expect(read.equals(blob.content)).toBe(true)
    using third = blob.reader()
    expect((await readAll(third, 0, 3 * PIECE_SIZE)).equals(blob.content)).toBe(true)
    expect(reads).toHaveBeenCalledTimes(3)
  })

  it('is not overwritten while it is in use, whatever others read', async () => {
    await using blob = await setUp(30 * PIECE_SIZE)
    using first = blob.reader()
    using second = blob.reader()
    const held: Piece[] = []
    for (let piece = 0; piece < 12; piece++) held.push(await first.take(piece * PIECE_SIZE, PIECE_SIZE))
    expect((await readAll(second, 0, 30 * PIECE_SIZE)).equals(blob.content)).toBe(true)
    for (const [piece, { bytes, release }] of held.entries()) {
      const expected = blob.content.subarray(piece * PIECE_SIZE, (piece + 1) * PIECE_SIZE)
      expect(Buffer.compare(bytes, expected)).toBe(0)
      release()
    }
  })

  it('is right for many readers, each at its own place and pace', async () => {
    await using blob = await setUp(12 * PIECE_SIZE + 4321)
    const read = async (_: unknown, number: number) => {
      const start = (number % 5) * 1000 * (number % 3)
      using reader = blob.reader()
      const read = await readAll(reader, start, blob.content.length - number)
      return read.equals(blob.content.subarray(start, blob.content.length - number))
    }
    expect(await Promise.all(Array.from({ length: 24 }, read))).toEqual(Array(24).fill(true))
  })

  it('fails for all who wait for a read that fails, and for nobody after them', async () => {
    await using blob = await setUp(PIECE_SIZE)
    const failure = new Error('the disk is broken')
    const reads = vi.spyOn(blob.file, 'read').mockRejectedValueOnce(failure)
    using first = blob.reader()
    using second = blob.reader()
    const both = [first, second].map((reader) => reader.take(0, PIECE_SIZE))
    for (const one of both) await expect(one).rejects.toBe(failure)
    expect((await readAll(first, 0, PIECE_SIZE)).equals(blob.content)).toBe(true)
    expect(reads).toHaveBeenCalledTimes(2)
  })

  it('fails if the file is shorter than its recorded size', async () => {
    await using blob = await setUp(2 * PIECE_SIZE)
    await truncate(blob.path, PIECE_SIZE)
    using reader = blob.reader()
    await expect(readAll(reader, 0, 2 * PIECE_SIZE)).rejects.toThrow('shorter than its recorded size')
  })
})
