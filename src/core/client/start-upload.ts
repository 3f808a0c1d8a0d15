/**
 * The first request of an upload. It tries to mount the blob and carries small blobs, so most blobs need only this one.
 */
import { algorithmOf, CANONICAL, type Digest, digestOf } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { OCTET_STREAM } from '../oci/media-type.ts'
import type { Sliceable } from './sliceable.ts'
import { notARegistry, type Transport } from './transport.ts'

export interface StartOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * A repository that may have the blob, often the target itself. The request that starts the upload also asks to mount
   * the blob from there, and if that succeeds no bytes are sent.
   */
  readonly from?: string | undefined
}

/** Blobs up to this size are sent with the first request. Go's HTTP server reads this much of an unexpected body. */
const MAX_INLINE_BYTES = 256 * 1024

/** The response is 201 if the upload is complete, or 202 with the location of the upload. */
export async function startUpload(
  transport: Transport,
  repository: string,
  digest: Digest,
  content: Sliceable | ReadableStream<Uint8Array>,
  { from, signal }: StartOptions,
): Promise<{ readonly response: Response; readonly hasBytes: boolean }> {
  const path = `/v2/${repository}/blobs/uploads/`
  const algorithm = algorithmOf(digest)
  const hint = algorithm === CANONICAL ? '' : `digest-algorithm=${algorithm}`
  const plain = async () => {
    const response = await transport.request(`${path}${hint && `?${hint}`}`, { method: 'POST', signal })
    return { response, hasBytes: false }
  }
  if (from === undefined) return plain()
  const mount = `?mount=${digest}&from=${from}${hint && `&${hint}`}`
  const body = await smallBody(content, digest)
  const options = body && { headers: { 'Content-Type': OCTET_STREAM }, body }
  const url = `${path}${mount}${body ? `&digest=${digest}` : ''}`
  try {
    const response = await transport.request(url, { method: 'POST', signal, ...options })
    return { response, hasBytes: body !== undefined }
  } catch (error) {
    if (isFinal(error)) throw error
    return plain() // not every registry can mount, or accepts both at once
  }
}

/** @throws RegistryError DIGEST_INVALID; otherwise a registry that has the blob would hide that this copy is damaged */
async function smallBody(
  content: Sliceable | ReadableStream<Uint8Array>,
  digest: Digest,
): Promise<Blob | undefined> {
  if (content instanceof ReadableStream || content.size === 0 || content.size > MAX_INLINE_BYTES)
    return undefined
  const bytes = new Uint8Array(await content.arrayBuffer())
  const actual = await digestOf(bytes, algorithmOf(digest))
  if (actual === digest) return new Blob([bytes])
  throw new RegistryError('DIGEST_INVALID', undefined, { detail: { expected: digest, actual } })
}

/** Trying again without mounting would fail in the same way. */
const isFinal = (error: unknown): boolean =>
  !(error instanceof RegistryError) || [401, 403, 429, 507].includes(error.status)

/** Whether the blob was mounted. Only our registry distinguishes this from a blob that was sent inline. */
export const wasMounted = ({ headers }: Response): boolean => headers.get('flotilla-source') === 'disk'

/** The location at which an upload continues. */
export function locationIn(response: Response): string {
  const location = response.headers.get('location')
  if (location !== null) return location
  throw notARegistry('it starts an upload without a Location header')
}
