/** Uploads that were left for another time: they go on where they were, as long as the registry knows them. */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Sliceable } from './sliceable.ts'
import type { Transport } from './transport.ts'
import { pushAll } from './upload-chunks.ts'
import { askOffset, drop, leave, type PushOptions } from './upload-session.ts'

/** `false` where no upload of the blob was left, or the registry has forgotten it. */
export async function goOn(
  transport: Transport,
  repository: string,
  digest: Digest,
  content: Sliceable | ReadableStream<Uint8Array>,
  options: PushOptions = {},
): Promise<boolean> {
  const location = options.unfinished?.get(digest)
  if (location === undefined || content instanceof ReadableStream) return false
  const session = { transport, digest, options, leastChunk: 0, location }
  const path = `/v2/${repository}/blobs/${digest}`
  try {
    const arrived = await askOffset(session, path, content.size)
    if (arrived !== 'whole') await pushAll(session, content, path, arrived)
  } catch (error) {
    if (leave(session, content, error)) throw error
    options.unfinished?.delete(digest)
    if (isForgotten(error)) return false
    await drop(transport, session.location)
    throw error
  }
  options.unfinished?.delete(digest)
  return true
}

const isForgotten = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'BLOB_UPLOAD_UNKNOWN'
