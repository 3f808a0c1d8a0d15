/** Conditional requests (RFC 9110, section 13): content never changes under its digest, so its ETag is the digest. */
import type { Digest } from '../oci/digest.ts'
import type { RegistryRequest } from './message.ts'

export const etagOf = (digest: Digest): string => `"${digest}"`

/** Whether the client says that it has this already. Distribution takes the digest without quotes too. */
export function isNotModified(request: RegistryRequest, digest: Digest): boolean {
  const header = request.header('if-none-match')
  if (header === undefined) return false
  return header.split(',').some((part) => {
    const tag = part.trim().replace(/^W\//, '')
    return tag === '*' || tag === digest || tag === etagOf(digest)
  })
}
