/**
 * The first request of an upload: it asks for the blob where it may be, and a small one goes with it, so that it is the only
 * one for most blobs.
 */
import { algorithmOf, CANONICAL, type Digest, digestOf } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { OCTET_STREAM } from '../oci/media-type.ts'
import type { Sliceable } from './sliceable.ts'
import { noRegistry, type Transport } from './transport.ts'

export interface StartOptions {
  readonly signal?: AbortSignal | undefined
  /**
   * A repository that may have the blob, often the target itself: the registry is asked in the same request that starts
   * the upload, and then no bytes are sent.
   */
  readonly from?: string | undefined
}

/** Bytes that go with the first request: so many a server written in Go takes that it did not ask for. */
const SMALL = 256 * 1024

/** 201 where nothing more is to be sent, 202 with the address of an upload. */
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
    const response = await transport.ask(`${path}${hint && `?${hint}`}`, { method: 'POST', signal })
    return { response, hasBytes: false }
  }
  if (from === undefined) return plain()
  const mount = `?mount=${digest}&from=${from}${hint && `&${hint}`}`
  const body = await smallBody(content, digest)
  const question = body && { headers: { 'Content-Type': OCTET_STREAM }, body }
  const url = `${path}${mount}${body ? `&digest=${digest}` : ''}`
  try {
    const response = await transport.ask(url, { method: 'POST', signal, ...question })
    return { response, hasBytes: body !== undefined }
  } catch (error) {
    if (isFinal(error)) throw error
    return plain() // not every registry mounts, or takes both at once
  }
}

/** @throws RegistryError DIGEST_INVALID, so that a registry which has the blob does not hide that this one is damaged */
async function smallBody(
  content: Sliceable | ReadableStream<Uint8Array>,
  digest: Digest,
): Promise<Blob | undefined> {
  if (content instanceof ReadableStream || content.size === 0 || content.size > SMALL) return undefined
  const bytes = new Uint8Array(await content.arrayBuffer())
  const actual = await digestOf(bytes, algorithmOf(digest))
  if (actual === digest) return new Blob([bytes])
  throw new RegistryError('DIGEST_INVALID', undefined, { detail: { expected: digest, actual } })
}

/** Another try in other words would end in the same way. */
const isFinal = (error: unknown): boolean =>
  !(error instanceof RegistryError) || [401, 403, 429, 507].includes(error.status)

/** It was mounted. Other registries than ours do not tell that from what came with the question. */
export const isFromBefore = ({ headers }: Response): boolean => headers.get('flotilla-source') === 'disk'

/** Where an upload goes on that was started. */
export function locationIn(response: Response): string {
  const location = response.headers.get('location')
  if (location !== null) return location
  throw noRegistry('it starts uploads nowhere')
}
