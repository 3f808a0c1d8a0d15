/**
 * Repository names, tags, and the references by which manifests are requested.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
import { type Digest, parseDigest, requireDigest } from './digest.ts'
import { RegistryError } from './error.ts'

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

/** Distribution's limit, which clients have, too. */
const MAX_NAME_LENGTH = 255

/** What follows `manifests/` in a path: one of the two is set. */
export type Reference =
  | { readonly tag: string; readonly digest?: never }
  | { readonly digest: Digest; readonly tag?: never }

export const isName = (text: string): boolean => text.length <= MAX_NAME_LENGTH && NAME.test(text)

export const isTag = (text: string): boolean => TAG.test(text)

/** @throws RegistryError NAME_INVALID */
export function requireName(text: string): string {
  if (isName(text)) return text
  const reason = text.includes('%')
    ? 'repository name contains a % that is not part of percent-encoded UTF-8, or was encoded twice'
    : undefined
  throw new RegistryError('NAME_INVALID', reason, { detail: { name: text.slice(0, 512) } })
}

/** @throws RegistryError TAG_INVALID */
export function requireTag(text: string): string {
  if (isTag(text)) return text
  throw new RegistryError('TAG_INVALID', undefined, { detail: { tag: text.slice(0, 256) } })
}

/** `undefined` if `text` is neither a digest nor a tag; for lookups, where it means "no such manifest". */
export function parseReference(text: string): Reference | undefined {
  const digest = parseDigest(text)
  if (digest) return { digest }
  return isTag(text) ? { tag: text } : undefined
}

/** @throws RegistryError DIGEST_INVALID if `text` contains a colon, otherwise TAG_INVALID */
export function requireReference(text: string): Reference {
  return text.includes(':') ? { digest: requireDigest(text) } : { tag: requireTag(text) }
}

/**
 * Decodes percent-encoding (RFC 3986, section 2.1) once. Invalid text stays as it is, with its `%`, which makes it an
 * invalid name, digest or tag.
 */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
