/** What readers of a blob get while what has come of it is taken back, whatever happens in between. */
import { expect, it } from 'vitest'
import type { UploadReader } from '../../src/core/blobs/ports.ts'
import { createGathered } from '../../src/core/swarm/gathered.ts'
import { readUntilEnd } from './receiver.ts'

const SIZE = 10

const filled = (byte: number) => new Uint8Array(SIZE).fill(byte)

/** Steps of promises between the read of a piece and the news that the bytes are others. */
const STEPS = Array.from({ length: 12 }, (_, steps) => steps)

it.each(STEPS)(
  'no reader gets the bytes of two claims, %i steps after one of them was read',
  async (steps) => {
    const read = Promise.withResolvers<Uint8Array<ArrayBuffer>>()
    const asked = Promise.withResolvers<void>()
    let first = true
    const reader: UploadReader = {
      async read(start, length) {
        if (!first) return filled(2).slice(start, start + length)
        first = false
        asked.resolve()
        return (await read.promise).slice(start, start + length)
      },
      async close() {},
    }
    const gathered = createGathered(reader)
    gathered.begin(SIZE, 0)
    gathered.grow(SIZE / 2)
    const reading = readUntilEnd(gathered.stream(SIZE, undefined))
    await asked.promise
    read.resolve(filled(1))
    for (let step = 0; step < steps; step++) await Promise.resolve()
    gathered.begin(SIZE, 0)
    gathered.grow(SIZE)
    gathered.settle({ size: SIZE, stream: () => new Blob([filled(2)]).stream() })

    const { bytes, error } = await reading
    if (!error) expect([...bytes]).toEqual([...filled(2)])
    else expect(bytes.length).toBeLessThan(SIZE)
  },
)
