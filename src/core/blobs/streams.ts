/** Streams from and into memory. */
import { RegistryError } from '../oci/error.ts'

/** `ReadableStream.from`, which not every browser has. It reads nothing ahead; cancelling the stream ends the iteration. */
export function streamOf<T>(iterable: AsyncIterable<T>): ReadableStream<T> {
  const iterator = iterable[Symbol.asyncIterator]()
  return new ReadableStream<T>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await iterator.return?.()
      },
    },
    { highWaterMark: 0 },
  )
}

/**
 * Reads a whole stream into memory.
 *
 * @param max - in bytes; the stream is cancelled as soon as it exceeds this
 * @throws RegistryError SIZE_INVALID if there are more bytes
 */
export async function readAll(
  stream: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  max: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > max) throw new RegistryError('SIZE_INVALID', `there are more than ${max} bytes`)
    chunks.push(chunk as Uint8Array<ArrayBuffer>)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}
