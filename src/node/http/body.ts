/**
 * The body of a request, chunk by chunk as Node's parser gives them. Node's own iterator joins chunks that have
 * gathered into new buffers; that copies large bodies once more and leaves the garbage collector the pieces.
 */
import type { IncomingMessage } from 'node:http'
import type { Bytes } from '../../core/blobs/ports.ts'

/** Bytes that may gather before the client has to wait. */
const MOST_GATHERED = 256 * 1024

/** Whoever stops reading leaves the connection as it is, so that the answer can go out on it. */
export async function* bodyOf(incoming: IncomingMessage): Bytes & AsyncGenerator<Uint8Array> {
  const gathered: Buffer[] = []
  let size = 0
  let failure: Error | undefined
  let wake = (): void => {}
  const onData = (chunk: Buffer): void => {
    gathered.push(chunk)
    size += chunk.byteLength
    if (size >= MOST_GATHERED) incoming.pause()
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
      for (const chunk of gathered.splice(0)) yield chunk
      size = 0
      if (gathered.length > 0) continue
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
