import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rechunk } from '../../../../../src/core/swarm/download/verify.ts'
import { bytesOf } from '../seeder.ts'

describe('rechunking', () => {
  async function* cut(bytes: Uint8Array, lengths: readonly number[]) {
    let start = 0
    for (const length of lengths) {
      yield bytes.slice(start, start + length)
      start += length
    }
    if (start < bytes.length) yield bytes.slice(start)
  }

  it('makes leaves out of chunks of any size', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.array(fc.nat(40)), async (leaves, chunks) => {
        const bytes = bytesOf(leaves.reduce((sum, length) => sum + length))
        const rechunked = await Array.fromAsync(rechunk(cut(bytes, chunks), leaves))
        expect(rechunked.map((leaf) => leaf.length)).toEqual(leaves)
        expect(Buffer.concat(rechunked)).toEqual(Buffer.from(bytes))
        for (const leaf of rechunked) expect(leaf.buffer.byteLength).toBe(leaf.length)
      }),
    )
  })

  it('passes on a chunk that is exactly one leaf', async () => {
    const leaf = bytesOf(10)
    expect((await rechunk(whole(leaf), [10]).next()).value).toBe(leaf)
  })

  it.each([
    ['more', 21, 'more bytes than were requested'],
    ['fewer', 19, 'ended the stream early'],
  ])('fails if there are %s bytes than leaves', async (_, length, message) => {
    await expect(Array.fromAsync(rechunk(cut(bytesOf(length), [7]), [10, 10]))).rejects.toThrow(message)
  })

  async function* whole(bytes: Uint8Array) {
    yield bytes
  }
})
