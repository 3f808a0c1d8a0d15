/** Distribution's rules for manifests beyond their syntax, as far as `validation` in the configuration enables them. */
import type { Config } from '../config.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { RegistryError } from '../oci/error.ts'
import type { Manifest } from '../oci/manifest.ts'
import { isForeignLayerType, isIndexType } from '../oci/media-type.ts'
import { type ManifestPush, NOTHING_REQUIRED } from '../store/manifests.ts'

type Validation = Config['validation']

/** Each is matched against the operator's patterns. */
const MAX_URLS = 1024

/** Characters, as browsers and servers support them. */
const MAX_URL_LENGTH = 2048

/** The digests that must be in the repository before the manifest. */
export function requiredDigests(manifest: Manifest, validation: Validation): ManifestPush['required'] {
  const isIndex = isIndexType(manifest.mediaType)
  const isChecked = isIndex ? validation.enabled : validation.manifests.blobs === 'all'
  if (!isChecked) return NOTHING_REQUIRED
  const blobs = manifest.blobs.filter((blob) => !isForeign(blob))
  if (!isIndex) return { ...NOTHING_REQUIRED, blobs: digestsOf(blobs) }
  const { indexes } = validation.manifests
  return {
    ...NOTHING_REQUIRED,
    manifests: digestsOf(checkedChildren(manifest.manifests, indexes)),
    either: digestsOf(checkedChildren(blobs, indexes)),
  }
}

const digestsOf = (descriptors: readonly Descriptor[]): string[] => descriptors.map(({ digest }) => digest)

/**
 * Every client that pulls follows layer URLs, so none is accepted unless the operator allows it.
 *
 * @throws RegistryError MANIFEST_INVALID naming the first URL that is not allowed
 */
export function checkUrls(manifest: Manifest, validation: Validation): void {
  if (!validation.enabled) return
  const allow = validation.manifests.urls.allow.map((pattern) => new RegExp(pattern))
  const deny = validation.manifests.urls.deny.map((pattern) => new RegExp(pattern))
  const urls = manifest.blobs.flatMap((blob) => blob.urls ?? [])
  if (urls.length > MAX_URLS)
    throw new RegistryError('MANIFEST_INVALID', `more than ${MAX_URLS} layer URLs in one manifest`)
  for (const url of urls) {
    if (url.length <= MAX_URL_LENGTH && isAllowed(url, allow, deny)) continue
    throw new RegistryError('MANIFEST_INVALID', 'layer URL is not allowed', {
      detail: { url: url.slice(0, 512) },
    })
  }
}

/** A non-distributable layer need not be here if it names URLs. */
const isForeign = (blob: Descriptor): boolean =>
  isForeignLayerType(blob.mediaType) && (blob.urls?.length ?? 0) > 0

function checkedChildren(
  children: readonly Descriptor[],
  rule: Validation['manifests']['indexes'],
): readonly Descriptor[] {
  if (rule.platforms === 'none') return []
  if (rule.platforms === 'all' || rule.platformlist.length === 0) return children
  return children.filter(({ platform }) =>
    rule.platformlist.some(
      ({ os, architecture }) => platform?.os === os && platform.architecture === architecture,
    ),
  )
}

function isAllowed(text: string, allow: readonly RegExp[], deny: readonly RegExp[]): boolean {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || text.includes('#')) return false
  if (deny.some((pattern) => pattern.test(text))) return false
  return allow.length > 0 ? allow.some((pattern) => pattern.test(text)) : deny.length > 0
}
