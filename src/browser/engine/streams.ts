/**
 * Polyfills iteration of streams, which Safari has since 27. Must be the first import of the page and of the worker.
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
    // For a loop that is left early. If the stream has ended or failed, this does nothing.
    const cancelled = reader.cancel().catch(() => {})
    reader.releaseLock()
    await cancelled
  }
}
