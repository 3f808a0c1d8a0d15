/** What a list tells of an image beyond its size: for which platforms it is, and when it was made. */
import { readBody } from '../../../core/client/transport.ts'
import { readImageConfig } from '../../../core/oci/config.ts'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { MAX_MANIFEST_SIZE, parseManifest } from '../../../core/oci/manifest.ts'
import { isIndexType, MANIFEST_TYPES } from '../../../core/oci/media-type.ts'
import { platformText } from '../image/image-config.ts'
import { ask } from '../requests/request.ts'

export interface PlatformChoice {
  /** `linux/arm64/v8`; empty where the image does not say. */
  readonly text: string
  /** Of an index: the digest of its image. */
  readonly digest: string | undefined
}

export interface ImageFacts {
  readonly platforms: readonly PlatformChoice[]
  /** As the image says: any text. */
  readonly created: string | undefined
}

export const NO_FACTS: ImageFacts = { platforms: [], created: undefined }

/** Configs are small; something larger is not one. */
const MAX_CONFIG = 4 * 2 ** 20

/** What is known stays true under its digest; so many are kept at hand. */
const MAX_KNOWN = 5000
const known = new Map<string, Promise<ImageFacts>>()

/** Only looks: nothing is kept of what a peer answers. */
export function readFacts(repository: string, digest: string): Promise<ImageFacts> {
  const facts = known.get(digest) ?? read(repository, digest)
  known.set(digest, facts)
  facts.catch(() => known.delete(digest)) // it may be there the next time
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value!)
  return facts
}

async function read(repository: string, digest: string): Promise<ImageFacts> {
  const response = await look(`/v2/${repository}/manifests/${digest}`, MANIFEST_TYPES.join(', '))
  const type = response.headers.get('content-type') ?? undefined
  const { mediaType, blobs, manifests } = parseManifest(await readBody(response, MAX_MANIFEST_SIZE), type)
  if (isIndexType(mediaType)) return { ...NO_FACTS, platforms: manifests.filter(isImage).map(choiceOf) }
  return factsOf(repository, blobs[0])
}

async function factsOf(repository: string, config: Descriptor | undefined): Promise<ImageFacts> {
  const isConfig = /\.(?:image\.config\.v1|container\.image\.v1)\+json$/.test(config?.mediaType ?? '')
  if (!config || !isConfig || config.size > MAX_CONFIG) return NO_FACTS
  const response = await look(`/v2/${repository}/blobs/${config.digest}`, '*/*')
  const image = readImageConfig(await readBody(response, MAX_CONFIG))
  return { platforms: [{ text: platformText(image), digest: undefined }], created: image.created }
}

const look = (path: string, accept: string): Promise<Response> =>
  ask(path, { headers: { Accept: accept, 'Cache-Control': 'no-store' } })

/** Attestations of BuildKit stand among the images of an index. */
const isImage = ({ platform, annotations }: Descriptor): boolean =>
  platform?.os !== 'unknown' && annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest'

const choiceOf = ({ platform, digest }: Descriptor): PlatformChoice => ({
  text: platformText(platform),
  digest,
})
