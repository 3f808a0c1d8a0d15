/**
 * The body of a request, chunk by chunk as Node's parser gives them. Node's own iterator joins chunks that have
 * gathered into new buffers; that copies large bodies once more and leaves the garbage collector the pieces.
 */
import type { IncomingMessage } from 'node:http'
import type { Bytes } from '../../core/blobs/ports.ts'

/** Bytes that may gather before the client has to wait. */
const MAX_GATHERED = 256 * 1024

/** Chunks that may: one that holds a single byte takes two hundred. */
const MAX_CHUNKS = 1024

/** Bytes that a chunk has on average, below which chunks are joined: each costs everybody behind it the same time. */
const SMALL_CHUNK = 1024

/** Whoever stops reading leaves the connection as it is, so that the answer can go out on it. */
export async function* bodyOf(incoming: IncomingMessage): Bytes & AsyncGenerator<Uint8Array> {
  const partialBlob: Buffer[] = []
  let size = 0
  let failure: Error | undefined
  let wake = (): void => {}
  const onData = (chunk: Buffer): void => {
    partialBlob.push(chunk)
    size += chunk.byteLength
    if (size >= MAX_GATHERED || partialBlob.length >= MAX_CHUNKS) incoming.pause()
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
      const chunks = joined(partialBlob.splice(0), size)
      size = 0
      for (const chunk of chunks) yield chunk
      if (partialBlob.length > 0) continue
      if (failure) throw failure
      if (incoming.readableEnded) return
      if (incoming.destroyed) throw new Error('the client has gone')
      incoming.resume()
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    incoming.off('data', onData).off('error', onError).off('end', onEnd).off('close', onEnd).pause()
    incoming.on('error', () => {}) // the client may still go; the response tells
  }
}

/** Large chunks as they are; of small ones, which a client may send byte by byte, a single one. */
function joined(chunks: readonly Buffer[], size: number): readonly Buffer[] {
  if (chunks.length < 2 || size / chunks.length >= SMALL_CHUNK) return chunks
  const whole = Buffer.allocUnsafeSlow(size)
  let offset = 0
  for (const chunk of chunks) offset += chunk.copy(whole, offset)
  return [whole]
}
