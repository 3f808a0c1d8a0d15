/** Blobs: pull, whole or in ranges, and delete. */
import type { Content } from '../../blobs/ports.ts'
import { emptyResponse, type RegistryResponse } from '../../http/message.ts'
import { multipartResponse } from '../../http/multipart.ts'
import { etagOf, isNotModified } from '../../http/negotiation.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { OCTET_STREAM } from '../../oci/media-type.ts'
import { formatContentRange, lengthOf, parseRange } from '../../oci/range.ts'
import type { Context, Endpoint } from '../context.ts'
import { findBlob } from '../lookup.ts'

export const getBlob: Endpoint = async (context) => {
  const { repository, headers: mirrored } = await context.resolveRepository()
  const { digest, request } = context
  const found = await findBlob(context, repository, digest)
  if (!found) throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
  const headers = { ...mirrored, ...headersOf(digest), ...found.headers }
  return isNotModified(request, digest)
    ? emptyResponse(304, headers)
    : contentResponse(context, found.value, headers)
}

export const deleteBlob: Endpoint = async ({ name, digest, store }) => {
  if (await store.blobs.delete(name, digest)) return emptyResponse(202)
  throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
}

/** An attachment, so that browsers download it instead of showing it. */
const headersOf = (digest: Digest): Record<string, string> => ({
  'Content-Type': OCTET_STREAM,
  'Content-Disposition': 'attachment',
  'Docker-Content-Digest': digest,
  ETag: etagOf(digest),
  'Cache-Control': 'max-age=31536000',
  'Accept-Ranges': 'bytes',
})

/** 200, 206 or 416. RFC 9110, sections 14.2 and 15.3.7. */
function contentResponse(
  { request }: Context,
  content: Content,
  headers: Record<string, string>,
): RegistryResponse {
  const { size } = content
  const ranges =
    request.method === 'GET' ? parseRange(wantedRange(request, headers['ETag']!), size) : undefined
  if (!ranges) {
    const length = String(size)
    return {
      status: 200,
      headers: { ...headers, 'Content-Length': length },
      body: [{ content, range: undefined }],
    }
  }
  const [range, ...others] = ranges
  if (others.length > 0) return multipartResponse(content, ranges, headers)
  return {
    status: 206,
    headers: {
      ...headers,
      'Content-Length': String(lengthOf(range!)),
      'Content-Range': formatContentRange(range!, size),
    },
    body: [{ content, range }],
  }
}

/** With a different validator in `If-Range` the range is ignored (RFC 9110, section 13.1.5). */
function wantedRange(request: Context['request'], etag: string): string | undefined {
  const condition = request.header('if-range')
  return condition === undefined || condition.trim() === etag ? request.header('range') : undefined
}
