/** What readers of a blob get when its bytes are found to be false, at any moment. */
import { expect, it } from 'vitest'
import type { UploadReader } from '../../../../../src/core/blobs/ports.ts'
import { PartialBlob } from '../../../../../src/core/swarm/download/partial-blob.ts'
import { readUntilEnd } from '../receiver.ts'

const SIZE = 10

const filled = (byte: number) => new Uint8Array(SIZE).fill(byte)

/** Microtasks between the read of a piece and the news that the bytes are false. */
const STEPS = Array.from({ length: 12 }, (_, steps) => steps)

it.each(STEPS)(
  'no reader gets all of a false blob, %i steps after the first piece was read',
  async (steps) => {
    const read = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
    const asked = Promise.withResolvers<void>()
    const reader: UploadReader = {
      async read(start, length) {
        asked.resolve()
        return (await read.promise).slice(start, start + length)
      },
      async close() {},
    }
    const partialBlob = new PartialBlob(reader, SIZE)
    partialBlob.grow(SIZE / 2)
    const reading = readUntilEnd(partialBlob.stream(undefined))
    await asked.promise
    read.resolve(filled(1))
    for (let step = 0; step < steps; step++) await Promise.resolve()
    partialBlob.fail(new Error('it was false'))

    const { bytes, error } = await reading
    expect(error).toBeDefined()
    expect(bytes.length).toBeLessThan(SIZE)
  },
)
