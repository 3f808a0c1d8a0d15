/** The bulk server's only route: `GET /blobs/<digest>`, with ranges, for peers with a ticket. */
import type { IncomingMessage } from 'node:http'
import type { Content } from '../../core/blobs/ports.ts'
import type { RegistryResponse } from '../../core/http/message.ts'
import { type Digest, parseDigest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { formatContentRange, lengthOf, parseRange } from '../../core/oci/range.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import type { Tickets } from './tickets.ts'

/** `undefined` if the blob is missing or not shared, so that peers can't tell the two apart. Called for every request. */
export type SharedBlobs = (digest: Digest) => Promise<Content | undefined>

/** @throws RegistryError UNAUTHORIZED without a valid ticket */
export function requirePeer({ headers }: IncomingMessage, tickets: Tickets): PeerId {
  const ticket = /^Bearer ([\w-]{1,256})$/.exec(headers.authorization ?? '')?.[1]
  const peer = ticket && tickets.peerOf(ticket)
  if (peer) return peer
  throw new RegistryError('UNAUTHORIZED', undefined, { headers: { 'WWW-Authenticate': 'Bearer' } })
}

/**
 * A request for several ranges gets the whole blob, as RFC 9110 section 14.2 allows.
 *
 * @throws RegistryError UNSUPPORTED, BLOB_UNKNOWN, RANGE_INVALID
 */
export async function handle(request: IncomingMessage, blobs: SharedBlobs): Promise<RegistryResponse> {
  if (request.method !== 'GET')
    throw new RegistryError('UNSUPPORTED', undefined, { headers: { Allow: 'GET' } })
  const digest = parseDigest(/^\/blobs\/(.+)$/.exec(request.url!)?.[1] ?? '')
  const content = digest && (await blobs(digest))
  if (!content) throw new RegistryError('BLOB_UNKNOWN')
  const ranges = parseRange(request.headers.range, content.size)
  const range = ranges?.length === 1 ? ranges[0] : undefined
  return {
    status: range ? 206 : 200,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Length': String(range ? lengthOf(range) : content.size),
      ...(range && { 'Content-Range': formatContentRange(range, content.size) }),
    },
    body: content.size > 0 ? [{ content, range }] : [],
  }
}
