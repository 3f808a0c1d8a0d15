/** What a list shows of an image beyond its size: its platforms and when it was created. */
import { readBody } from '../../../core/client/transport.ts'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { MAX_MANIFEST_SIZE, parseManifest } from '../../../core/oci/manifest.ts'
import { isIndexType, MANIFEST_TYPES } from '../../../core/oci/media-type.ts'
import { platformText } from '../image/image-config.ts'
import { previewConfig } from '../requests/distribution.ts'
import { previewTransport } from '../requests/request.ts'

export interface PlatformChoice {
  /** `linux/arm64/v8`; empty where the image does not say. */
  readonly text: string
  /** The digest of that platform's image; `undefined` if the image is not an index. */
  readonly digest: string | undefined
}

export interface ImageFacts {
  readonly platforms: readonly PlatformChoice[]
  /** From the image's config: may be any text. */
  readonly created: string | undefined
}

export const NO_FACTS: ImageFacts = { platforms: [], created: undefined }

/** Facts of a digest never change; this many are cached. */
const MAX_CACHED = 5000
const cache = new Map<string, Promise<ImageFacts>>()

/** A preview: nothing that peers send for it is stored. */
export function readFacts(repository: string, digest: string): Promise<ImageFacts> {
  const facts = cache.get(digest) ?? read(repository, digest)
  cache.set(digest, facts)
  facts.catch(() => cache.delete(digest)) // it may succeed next time
  if (cache.size > MAX_CACHED) cache.delete(cache.keys().next().value!)
  return facts
}

async function read(repository: string, digest: string): Promise<ImageFacts> {
  const response = await previewTransport.request(`/v2/${repository}/manifests/${digest}`, {
    headers: { Accept: MANIFEST_TYPES.join(', ') },
  })
  const type = response.headers.get('content-type') ?? undefined
  const { mediaType, blobs, manifests } = parseManifest(await readBody(response, MAX_MANIFEST_SIZE), type)
  if (isIndexType(mediaType)) return { ...NO_FACTS, platforms: manifests.filter(isImage).map(choiceOf) }
  return factsOf(repository, blobs[0])
}

async function factsOf(repository: string, config: Descriptor | undefined): Promise<ImageFacts> {
  const image = await previewConfig(repository, config)
  if (!image) return NO_FACTS
  return { platforms: [{ text: platformText(image), digest: undefined }], created: image.created }
}

/** BuildKit lists attestations among the images of an index. */
const isImage = ({ platform, annotations }: Descriptor): boolean =>
  platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest'

const choiceOf = ({ platform, digest }: Descriptor): PlatformChoice => ({
  text: platformText(platform),
  digest,
})
