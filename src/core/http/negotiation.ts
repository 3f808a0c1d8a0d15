/**
 * Conditional requests and content negotiation (RFC 9110, sections 12 and 13). Content never changes under its digest, so
 * the digest is its ETag.
 */
import type { Digest } from '../oci/digest.ts'
import { essenceOf, isManifestType } from '../oci/media-type.ts'
import type { RegistryRequest } from './message.ts'

export const etagOf = (digest: Digest): string => `"${digest}"`

/** Whether the client says that it has this already. Like Distribution, this accepts the digest without quotes. */
export function isNotModified(request: RegistryRequest, digest: Digest): boolean {
  const header = request.header('if-none-match')
  if (header === undefined) return false
  return header.split(',').some((part) => {
    const tag = part.trim().replace(/^W\//, '')
    return tag === '*' || tag === digest || tag === etagOf(digest)
  })
}

const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/

/**
 * Whether a manifest of `mediaType` may be sent to a client with this `Accept`. A client that names no manifest type at all
 * gets what is stored. Distribution refuses more than it should here, wildcards included.
 */
export function accepts(accept: string | undefined, mediaType: string): boolean {
  if (!accept) return true
  const types = accept.split(',').map(essenceOf)
  const isWildcard = types.some((type) => type === '*/*' || type === 'application/*')
  return isWildcard || types.includes(mediaType) || !types.some(isAnyManifestType)
}

const isAnyManifestType = (type: string): boolean => isManifestType(type) || SCHEMA_1.test(type)
