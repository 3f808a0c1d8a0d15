/**
 * What a client accepts of a manifest's type. Distribution refuses too much here (any-type wildcards included); a client that
 * names no manifest type at all gets what is stored.
 */
import { essenceOf, isManifestType } from '../oci/media-type.ts'

const SCHEMA_1 = /^application\/vnd\.docker\.distribution\.manifest\.v1\+/

/** Whether a manifest of `mediaType` may be sent to a client with this `Accept`. */
export function accepts(accept: string | undefined, mediaType: string): boolean {
  if (!accept) return true
  const types = accept.split(',').map(essenceOf)
  const isWildcard = types.some((type) => type === '*/*' || type === 'application/*')
  return isWildcard || types.includes(mediaType) || !types.some(isAnyManifestType)
}

const isAnyManifestType = (type: string): boolean => isManifestType(type) || SCHEMA_1.test(type)
