/** Chunks of bytes give their memory back here, wherever they end. */

/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, a few large bodies make it run all the time,
 * which costs a push more than hashing does. A chunk that shares its buffer with others is left.
 */
export function free(chunk: Uint8Array): void {
  if (chunk.byteLength === chunk.buffer.byteLength) (chunk.buffer as ArrayBuffer).transfer(0)
}
