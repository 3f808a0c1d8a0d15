/** BYOB readers: the browser's own, and ours for browsers without them. */
import { describe, expect, it } from 'vitest'
import {
  type ByobReader,
  CopyingReader,
  openByobReader,
} from '../../../../../src/browser/swarm/http/body-receiver.ts'

const bodyOf = (...chunks: string[]): ReadableStream<Uint8Array> =>
  new Response(new Blob(chunks)).body as ReadableStream<Uint8Array>

const inChunks = (...chunks: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    type: 'bytes',
    start(controller) {
      for (const chunk of chunks) controller.enqueue(new TextEncoder().encode(chunk))
      controller.close()
      controller.byobRequest?.respond(0)
    },
  })

async function readAll(reader: ByobReader, size: number): Promise<string> {
  let text = ''
  for (;;) {
    const { value } = await reader.read(new Uint8Array(size))
    if (!value) return `${text}, cancelled`
    if (value.byteLength === 0) return text
    text += new TextDecoder().decode(value)
  }
}

describe.each([
  ['the built-in one', openByobReader],
  ['the one that copies', (body: ReadableStream<Uint8Array>) => new CopyingReader(body)],
])('%s', (_, open) => {
  it.each([1, 2, 3, 100])('gives all bytes, %i at a time', async (size) => {
    expect(await readAll(open(inChunks('ab', 'cde', 'f')), size)).toBe('abcdef')
    expect(await readAll(open(bodyOf('ab', 'cde', 'f')), size)).toBe('abcdef')
  })

  it('fills the same buffer after the bytes that are there', async () => {
    const reader = open(inChunks('cd'))
    const first = new Uint8Array(4)
    first.set([97, 98])
    const { value } = await reader.read(new Uint8Array(first.buffer, 2))
    expect(new TextDecoder().decode(value!.buffer)).toBe('abcd')
  })

  it('returns nothing once it is cancelled', async () => {
    const reader = open(new ReadableStream({ type: 'bytes' }))
    const reading = readAll(reader, 4)
    await reader.cancel()
    expect(await reading).toBe(', cancelled')
  })

  it('fails with the error of the body', async () => {
    const reader = open(
      new ReadableStream({ type: 'bytes', pull: (controller) => controller.error(new Error('gone')) }),
    )
    await expect(readAll(reader, 4)).rejects.toThrow('gone')
  })
})
