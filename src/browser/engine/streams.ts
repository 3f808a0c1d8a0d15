/**
 * Streams that can be iterated, which Safari has since 27. The first import of the page and of the worker.
 *
 * @see https://streams.spec.whatwg.org/#rs-asynciterator
 */

const prototype = ReadableStream.prototype as Omit<ReadableStream, typeof Symbol.asyncIterator> & {
  [Symbol.asyncIterator]?: () => AsyncIterator<unknown>
}

prototype[Symbol.asyncIterator] ??= async function* (this: ReadableStream): AsyncGenerator<unknown, void> {
  const reader = this.getReader()
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value
  } finally {
    // Where the loop is left early; of a stream that has ended or failed, nothing is left to cancel.
    const cancelled = reader.cancel().catch(() => {})
    reader.releaseLock()
    await cancelled
  }
}
