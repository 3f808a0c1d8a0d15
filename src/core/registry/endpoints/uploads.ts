/**
 * Uploads: start (or mount, or push a whole blob), add a chunk, finish, get the state, cancel.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */

import { emptyResponse, type RegistryRequest, type RegistryResponse } from '../../http/message.ts'
import { type Algorithm, type Digest, isAlgorithm, parseDigest, requireDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { essenceOf, OCTET_STREAM } from '../../oci/media-type.ts'
import { isName } from '../../oci/name.ts'
import { lengthOf, parseContentRange } from '../../oci/range.ts'
import type { Chunk } from '../../store/uploads.ts'
import type { Context, Endpoint } from '../context.ts'
import { FROM_DISK } from '../source-headers.ts'

export const startUpload: Endpoint = async (context) => {
  const { name, query, store } = context
  const mounted = await tryMount(context)
  if (mounted) return created(context, mounted, FROM_DISK)
  const whole = query.get('digest')
  if (whole !== null) return pushWhole(context, requireDigest(whole))
  const id = await store.uploads.start(name, hintedAlgorithm(query))
  return accepted(context, 202, id, 0)
}

export const getUpload: Endpoint = async (context) => {
  const id = context.parameter('id')
  return accepted(context, 204, id, await context.store.uploads.size(context.name, id))
}

export const patchUpload: Endpoint = async (context) => {
  const { name, request, store } = context
  const type = request.header('content-type')
  if (type && essenceOf(type) !== OCTET_STREAM) {
    throw new RegistryError('BLOB_UPLOAD_INVALID', `content type must be ${OCTET_STREAM}`, { status: 415 })
  }
  const id = context.parameter('id')
  return accepted(context, 202, id, await store.uploads.append(name, id, chunkOf(request)))
}

export const finishUpload: Endpoint = async (context) => {
  const { name, request, query, store } = context
  const digest = requireDigest(query.get('digest') ?? '')
  const chunk = hasBody(request) ? chunkOf(request) : undefined
  await store.uploads.finish(name, context.parameter('id'), digest, chunk)
  return created(context, digest)
}

export const cancelUpload: Endpoint = async (context) => {
  const id = context.parameter('id')
  await context.store.uploads.cancel(context.name, id)
  return emptyResponse(204, { 'Docker-Upload-UUID': id })
}

/**
 * A mount that fails is not an error: the client gets an upload instead and sends the bytes. A client that names the target
 * repository itself wants to know whether the blob is there already, and gets it from any other repository, too.
 */
async function tryMount({ name, query, store }: Context): Promise<Digest | undefined> {
  const digest = parseDigest(query.get('mount') ?? '')
  const from = query.get('from') || undefined
  if (!digest || (from !== undefined && !isName(from))) return undefined
  const source = from === name ? undefined : from
  return (await store.blobs.mount(name, digest, source)) ? digest : undefined
}

async function pushWhole(context: Context, digest: Digest): Promise<RegistryResponse> {
  const { body: bytes, signal } = context.request
  await context.store.uploads.put(context.name, digest, { bytes: bytes ?? nothing(), signal })
  return created(context, digest)
}

/** @throws RegistryError DIGEST_INVALID for an algorithm that is not supported */
function hintedAlgorithm(query: URLSearchParams): Algorithm | undefined {
  const hint = query.get('digest-algorithm')
  if (hint === null) return undefined
  if (isAlgorithm(hint)) return hint
  throw new RegistryError('DIGEST_INVALID', 'this digest algorithm is not supported; use sha256 or sha512', {
    detail: hint.slice(0, 64),
  })
}

/** @throws RegistryError RANGE_INVALID, SIZE_INVALID if the two lengths differ */
function chunkOf(request: RegistryRequest): Chunk {
  const contentRange = request.header('content-range')
  const range = contentRange === undefined ? undefined : parseContentRange(contentRange)
  const length = request.header('content-length')
  if (range && length !== undefined && Number(length) !== lengthOf(range)) {
    throw new RegistryError('SIZE_INVALID', undefined, { detail: { length: Number(length), range } })
  }
  return { bytes: request.body ?? nothing(), range, signal: request.signal }
}

const hasBody = (request: RegistryRequest): boolean =>
  request.body !== undefined && request.header('content-length') !== '0'

const accepted = (context: Context, status: 202 | 204, id: string, size: number): RegistryResponse =>
  emptyResponse(status, {
    Location: context.locations.upload(context.name, id),
    'Docker-Upload-UUID': id,
    Range: `0-${Math.max(0, size - 1)}`,
  })

const created = (
  context: Context,
  digest: Digest,
  more: Readonly<Record<string, string>> = {},
): RegistryResponse =>
  emptyResponse(201, {
    Location: context.locations.blob(context.name, digest),
    'Docker-Content-Digest': digest,
    ...more,
  })

async function* nothing(): AsyncGenerator<Uint8Array> {}
