/**
 * Pushes one blob: a small one in one request, a large one in chunks, resuming after a broken connection. Uploads that an
 * earlier call left unfinished are resumed for as long as the registry knows them.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import type { Digest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import type { Sliceable } from './sliceable.ts'
import { locationIn, startUpload, wasMounted } from './start-upload.ts'
import type { Transport } from './transport.ts'
import { pushAll, pushStream } from './upload-chunks.ts'
import { drop, fetchOffset, keepForLater, type PushOptions } from './upload-session.ts'

/** `held`: the registry already had the blob, so no bytes were needed. */
export type Pushed = 'sent' | 'held'

export async function pushBlob(
  transport: Transport,
  repository: string,
  digest: Digest,
  content: Sliceable | ReadableStream<Uint8Array>,
  options: PushOptions = {},
): Promise<Pushed> {
  const { response, hasBytes } = await startUpload(transport, repository, digest, content, options)
  if (response.status === 201) {
    if (!(content instanceof ReadableStream)) options.onProgress?.(content.size)
    return hasBytes && !wasMounted(response) ? 'sent' : 'held'
  }
  const minChunk = Number(response.headers.get('oci-chunk-min-length')) || 0
  const session = { transport, digest, options, minChunk, location: locationIn(response) }
  try {
    if (content instanceof ReadableStream) await pushStream(session, content)
    else await pushAll(session, content, `/v2/${repository}/blobs/${digest}`)
  } catch (error) {
    if (!keepForLater(session, content, error)) await drop(transport, session.location)
    throw error
  }
  return 'sent'
}

/** `false` if there is no unfinished upload of the blob, or the registry has forgotten it. */
export async function resumeUpload(
  transport: Transport,
  repository: string,
  digest: Digest,
  content: Sliceable | ReadableStream<Uint8Array>,
  options: PushOptions = {},
): Promise<boolean> {
  const location = options.unfinished?.get(digest)
  if (location === undefined || content instanceof ReadableStream) return false
  const session = { transport, digest, options, minChunk: 0, location }
  const path = `/v2/${repository}/blobs/${digest}`
  try {
    const received = await fetchOffset(session, path, content.size)
    if (received !== 'complete') await pushAll(session, content, path, received)
  } catch (error) {
    if (keepForLater(session, content, error)) throw error
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
