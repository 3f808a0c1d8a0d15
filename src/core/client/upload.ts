/**
 * Pushing one blob: in one request where it is small, in chunks where it is large, and on from where it was after a
 * connection that broke.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */
import type { Digest } from '../oci/digest.ts'
import type { Sliceable } from './sliceable.ts'
import { isFromBefore, locationIn, startUpload } from './start-upload.ts'
import type { Transport } from './transport.ts'
import { pushAll, pushStream } from './upload-chunks.ts'
import { drop, leave, type PushOptions } from './upload-session.ts'

/** Gives `held` where the registry says that it had the blob, so that no bytes were needed. */
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
    return hasBytes && !isFromBefore(response) ? 'sent' : 'held'
  }
  const leastChunk = Number(response.headers.get('oci-chunk-min-length')) || 0
  const session = { transport, digest, options, leastChunk, location: locationIn(response) }
  try {
    if (content instanceof ReadableStream) await pushStream(session, content)
    else await pushAll(session, content, `/v2/${repository}/blobs/${digest}`)
  } catch (error) {
    if (!leave(session, content, error)) await drop(transport, session.location)
    throw error
  }
  return 'sent'
}
