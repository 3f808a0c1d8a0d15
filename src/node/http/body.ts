/**
 * The body of a request, chunk by chunk as Node's parser emits them. Node's own iterator joins buffered chunks, which copies
 * large bodies once more and leaves the pieces to the garbage collector.
 */
import type { IncomingMessage } from 'node:http'
import type { Bytes } from '../../core/blobs/ports.ts'

/** Buffered bytes from which on the client has to wait. */
const MAX_BUFFERED_BYTES = 256 * 1024

/** Buffered chunks: one with a single byte takes two hundred bytes of memory. */
const MAX_CHUNKS = 1024

/** Below this average, chunks are joined: each chunk costs the same time, whatever its size. */
const SMALL_CHUNK_BYTES = 1024

/** A reader that stops early leaves the connection open, so that the response can be sent on it. */
export async function* bodyOf(incoming: IncomingMessage): Bytes & AsyncGenerator<Uint8Array> {
  const buffered: Buffer[] = []
  let size = 0
  let failure: Error | undefined
  let wake = (): void => {}
  const onData = (chunk: Buffer): void => {
    buffered.push(chunk)
    size += chunk.byteLength
    if (size >= MAX_BUFFERED_BYTES || buffered.length >= MAX_CHUNKS) incoming.pause()
    wake()
  }
  const onError = (error: Error): void => {
    failure = error
    wake()
  }
  const onEnd = (): void => wake()
  incoming.on('data', onData).on('error', onError).on('end', onEnd).on('close', onEnd)
  try {
    for (;;) {
      const chunks = joined(buffered.splice(0), size)
      size = 0
      for (const chunk of chunks) yield chunk
      if (buffered.length > 0) continue
      if (failure) throw failure
      if (incoming.readableEnded) return
      if (incoming.destroyed) throw new Error('the client has disconnected')
      incoming.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    incoming.off('data', onData).off('error', onError).off('end', onEnd).off('close', onEnd).pause()
    incoming.on('error', () => {}) // the client may still disconnect, which the response notices
  }
}

/** Large chunks as they are; small ones, which a client may send byte by byte, as one. */
function joined(chunks: readonly Buffer[], size: number): readonly Buffer[] {
  if (chunks.length < 2 || size / chunks.length >= SMALL_CHUNK_BYTES) return chunks
  const whole = Buffer.allocUnsafeSlow(size)
  let offset = 0
  for (const chunk of chunks) offset += chunk.copy(whole, offset)
  return [whole]
}
