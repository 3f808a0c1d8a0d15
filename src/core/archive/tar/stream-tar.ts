/** Makes a tar while it is being read. Its size is known in advance, since headers depend only on names and sizes. */
import { createTarPacker } from 'modern-tar'
import { BLOCK } from './header.ts'

export interface TarEntry {
  /** ASCII. */
  readonly name: string
  readonly size: number
  /** The stream has `size` bytes. */
  open(): Promise<ReadableStream<Uint8Array>>
}

/** The largest size that eleven octal digits can say; a larger one needs an extended header. */
const MAX_PLAIN_SIZE = 8 ** 11 - 1
const MAX_PLAIN_NAME = 100

/** The two blocks of zeros at the end. */
const END_BYTES = 2 * BLOCK

export const sizeOfTar = (entries: readonly TarEntry[]): number =>
  entries.reduce((sum, entry) => sum + headerSize(entry) + Math.ceil(entry.size / BLOCK) * BLOCK, END_BYTES)

/** An extended header is a header with a block of text. */
const headerSize = ({ name, size }: TarEntry): number =>
  name.length > MAX_PLAIN_NAME || size > MAX_PLAIN_SIZE ? 3 * BLOCK : BLOCK

/** The same entries give the same bytes. Each entry is opened when the one before it has been read. */
export function streamTar(entries: readonly TarEntry[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker()
  const write = async (): Promise<void> => {
    for (const { name, size, open } of entries) {
      const body = controller.add({ name, size, mode: 0o644, mtime: new Date(0), type: 'file' })
      await (await open()).pipeTo(body)
    }
    controller.finalize()
  }
  write().catch((error) => controller.error(error))
  return readable.pipeThrough(new TransformStream({ transform: handOver }))
}

/** The reader may free the memory of a chunk, but small chunks belong to the library, which reuses them. */
function handOver(chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void {
  controller.enqueue(chunk.byteLength <= END_BYTES ? chunk.slice() : chunk)
}
