/**
 * The body of a `Request`, little by little. Apart because engines differ in it: Firefox gives no stream, but a `Blob`,
 * which it keeps in a file where it is large.
 *
 * @see https://bugzilla.mozilla.org/show_bug.cgi?id=1387483
 */
import type { Bytes } from '../blobs/ports.ts'

/** Bytes of a `Blob` that are read at once; twice as many are in memory. */
const PIECE = 1024 * 1024

/** Where there is no stream it is known only by reading whether there is a body at all: what has none is empty then. */
export function bodyOf(request: Request): Bytes | undefined {
  if ('body' in request) return request.body ?? undefined
  return canHaveBody((request as Request).method) ? bytesWhenAsked(request) : undefined
}

/** Not `blob.stream()`, whose chunks are so small in Firefox that a worker does little else than take them. */
export async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const read = (start: number) => blob.slice(start, start + PIECE).arrayBuffer()
  let next = read(0)
  for (let start = 0; start < blob.size; start += PIECE) {
    const piece = await next
    next = read(start + PIECE)
    next.catch(() => {}) // told of with the next piece, if that is asked for
    yield new Uint8Array(piece)
  }
}

async function* bytesWhenAsked(request: Request): AsyncGenerator<Uint8Array> {
  yield* bytesOf(await request.blob())
}

/** The Fetch Standard allows these two none. */
const canHaveBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'
