import { expect, it } from 'vitest'
import { sizeOfTar, streamTar, type TarEntry } from '../../../../../src/core/archive/tar/stream-tar.ts'

const GIB = 2 ** 30

const part = (name: string, size: number): TarEntry => ({
  name,
  size,
  open: async () => new Blob([new Uint8Array(size)]).stream(),
})

const read = (parts: TarEntry[]) =>
  new Response(streamTar(parts) as ReadableStream<Uint8Array<ArrayBuffer>>).bytes()

it.each([0, 1, 511, 512, 513, 100_000])('knows its size before, with a file of %i bytes', async (size) => {
  for (const name of ['a', 'n'.repeat(100), 'n'.repeat(101), `${'n'.repeat(90)}/${'n'.repeat(150)}`]) {
    const parts = [part(name, size), part('last', 1)]
    expect((await read(parts)).byteLength).toBe(sizeOfTar(parts))
  }
})

it.each([
  [8 * GIB - 1, 512],
  [8 * GIB, 1536],
  [20 * GIB, 1536],
])('knows the size of the header of a file of %i bytes', async (size, header) => {
  const { promise: opened, resolve } = Promise.withResolvers<void>()
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(4096).fill(1)),
  })
  const open = async () => {
    resolve()
    return endless
  }
  const parts = [{ name: 'a', size, open }]
  const reader = streamTar(parts).getReader()
  let bytes = 0
  for (let chunk = await reader.read(); chunk.value?.[0] !== 1; chunk = await reader.read()) {
    bytes += chunk.value!.byteLength
  }
  await opened
  await reader.cancel()
  expect(bytes).toBe(header)
  expect(sizeOfTar(parts)).toBe(header + Math.ceil(size / 512) * 512 + 1024)
})

it('hands its chunks over: to free their memory does not harm the next tar', async () => {
  for (let round = 0; round < 2; round++) {
    let size = 0
    for await (const chunk of streamTar([part('a', 3)])) {
      size += chunk.byteLength
      if (chunk.byteLength === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer(0)
    }
    expect(size).toBe(2048)
  }
})

it('lets go of what it reads when its reader goes', async () => {
  const { promise: gone, resolve } = Promise.withResolvers<unknown>()
  const source = {
    pull: (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(4096)),
    cancel: resolve,
  }
  const reader = streamTar([
    { name: 'a', size: GIB, open: async () => new ReadableStream(source) },
  ]).getReader()
  for (let bytes = 0; bytes < 2 ** 16; ) bytes += (await reader.read()).value!.byteLength
  await reader.cancel()
  await gone
})

it('opens a file when the one before it has been read', async () => {
  const opened: string[] = []
  const large = (name: string): TarEntry => ({
    name,
    size: 32 * 2 ** 20,
    open: async () => {
      opened.push(name)
      return new Blob([new Uint8Array(32 * 2 ** 20)]).stream()
    },
  })
  const reader = streamTar([large('a'), large('b')]).getReader()
  await reader.read()
  expect(opened).toEqual(['a'])
  await reader.cancel()
})
