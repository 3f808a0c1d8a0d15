/**
 * The body of a `Request`, little by little. Apart because engines differ in it: Firefox gives no stream, but a `Blob`,
 * which it keeps in a file where it is large.
 *
 * @see https://bugzilla.mozilla.org/show_bug.cgi?id=1387483
 */
import { bytesOf } from '../blobs/blob-bytes.ts'
import type { Bytes } from '../blobs/ports.ts'

/** Where there is no stream it is known only by reading whether there is a body at all: what has none is empty then. */
export function bodyOf(request: Request): Bytes | undefined {
  if ('body' in request) return request.body ?? undefined
  return canHaveBody((request as Request).method) ? bytesWhenAsked(request) : undefined
}

async function* bytesWhenAsked(request: Request): AsyncGenerator<Uint8Array> {
  yield* bytesOf(await request.blob())
}

/** The Fetch Standard allows these two none. */
const canHaveBody = (method: string): boolean => method !== 'GET' && method !== 'HEAD'
