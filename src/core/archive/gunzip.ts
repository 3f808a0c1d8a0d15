import type { Sliceable } from '../client/sliceable.ts'

/** The types of the web want to know that nobody shares the memory of the chunks, which no stream here does. */
export const gunzip = (
  content: Sliceable | ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> => {
  const stream = content instanceof ReadableStream ? content : content.stream()
  return (stream as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new DecompressionStream('gzip'))
}
