/** A tar that is made while it is read. Its size is known before, since headers only depend on names and sizes. */
import { createTarPacker } from 'modern-tar'
import { BLOCK } from './tar-header.ts'

export interface TarPart {
  /** ASCII. */
  readonly name: string
  readonly size: number
  /** Gives `size` bytes. */
  open(): Promise<ReadableStream<Uint8Array>>
}

/** The largest that eleven octal digits say; beyond it, an extended header does. */
const MAX_PLAIN_SIZE = 8 ** 11 - 1
const MAX_PLAIN_NAME = 100

/** The two blocks of zeros in the end. */
const END = 2 * BLOCK

export const sizeOfTar = (parts: readonly TarPart[]): number =>
  parts.reduce((sum, part) => sum + headerSize(part) + Math.ceil(part.size / BLOCK) * BLOCK, END)

/** An extended header is a header with a block of text. */
const headerSize = ({ name, size }: TarPart): number =>
  name.length > MAX_PLAIN_NAME || size > MAX_PLAIN_SIZE ? 3 * BLOCK : BLOCK

/** The same parts give the same bytes. Each part is opened when the one before it has been read. */
export function streamTar(parts: readonly TarPart[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker()
  const write = async (): Promise<void> => {
    for (const { name, size, open } of parts) {
      const entry = controller.add({ name, size, mode: 0o644, mtime: new Date(0), type: 'file' })
      await (await open()).pipeTo(entry)
    }
    controller.finalize()
  }
  write().catch((error) => controller.error(error))
  return readable.pipeThrough(new TransformStream({ transform: handOver }))
}

/** Who takes a chunk may free its memory, and small ones belong to the library, which uses them again. */
function handOver(chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void {
  controller.enqueue(chunk.byteLength <= END ? chunk.slice() : chunk)
}
