/** The registry's standard side, as the page reads it: the catalog, manifests, configs. */

import type { PulledManifest } from '../../../core/client/client.ts'
import { readBody } from '../../../core/client/transport.ts'
import { type ImageConfig, readImageConfig } from '../../../core/oci/config.ts'
import { type Descriptor, isObject } from '../../../core/oci/descriptor.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { parseManifest } from '../../../core/oci/manifest.ts'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { ask, createLookingClient, lookingTransport } from './request.ts'

/** What a manifest says, whoever wrote it: what is null or empty there is absent here. */
export interface ImageManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** Its own; not that of its config. */
  readonly artifactType: string | undefined
  /** Of an image. */
  readonly config: Descriptor | undefined
  /** Of an image; of an index, the children that are no manifests. */
  readonly blobs: readonly Descriptor[]
  /** Children of an index. */
  readonly manifests: readonly Descriptor[]
  readonly subject: Descriptor | undefined
  readonly annotations: Readonly<Record<string, string>>
  /** As it stands there. */
  readonly json: unknown
  /** Peers that gave it just now, by id; empty where it is stored here. */
  readonly givers: readonly string[]
}

/** Configs are small; something larger is not one. */
const MAX_CONFIG_SIZE = 4 * 2 ** 20

interface Waiting {
  readonly signal?: AbortSignal
}

/** From here, or from peers, of whom nothing is kept. @throws RegistryError MANIFEST_UNKNOWN where nobody has it */
export const pullManifest = async (
  repository: string,
  reference: string,
  waiting?: Waiting,
): Promise<ImageManifest> => {
  let source = ''
  const client = createLookingClient(({ headers }) => {
    source = headers.get('Flotilla-Source') ?? ''
  })
  const manifest = await client.requireManifest(repository, reference, waiting)
  return { ...readManifest(manifest), givers: [...source.matchAll(/;id=(\w+)/g)].map(([, id]) => id!) }
}

function readManifest({ digest, mediaType: type, bytes }: PulledManifest): Omit<ImageManifest, 'givers'> {
  const { mediaType, blobs, manifests, subject, annotations = {} } = parseManifest(bytes, type || undefined)
  const json: unknown = JSON.parse(new TextDecoder().decode(bytes))
  const own = isObject(json) ? json['artifactType'] : undefined
  const artifactType = typeof own === 'string' && own !== '' ? own : undefined
  const parts = isIndexType(mediaType)
    ? { config: undefined, blobs }
    : { config: blobs[0], blobs: blobs.slice(1) }
  return { digest, mediaType, artifactType, ...parts, manifests, subject, annotations, json }
}

export const isImageConfig = (mediaType: string): boolean =>
  /\.(?:image\.config\.v1|container\.image\.v1)\+json$/.test(mediaType)

/** `undefined` for what is no image's config, such as an artifact's. Whatever the bytes are, they are read. */
export const pullConfig = async (
  repository: string,
  config: Descriptor | undefined,
  waiting?: Waiting,
): Promise<ImageConfig | undefined> => {
  if (!config || !isImageConfig(config.mediaType) || config.size > MAX_CONFIG_SIZE) return undefined
  const response = await lookingTransport.ask(`/v2/${repository}/blobs/${config.digest}`, waiting)
  return readImageConfig(await readBody(response, MAX_CONFIG_SIZE))
}

/** All of a blob that is small enough to be shown. @throws RegistryError SIZE_INVALID where it is not */
export const lookAtBlob = async (
  repository: string,
  digest: string,
  limit: number,
  waiting?: Waiting,
): Promise<Uint8Array<ArrayBuffer>> =>
  readBody(await lookingTransport.ask(`/v2/${repository}/blobs/${digest}`, waiting), limit)

/** Tags that follow another in their order, of a repository that is stored here. */
export const askTags = async (
  repository: string,
  last: string,
  count: number,
  waiting?: Waiting,
): Promise<readonly string[]> => {
  const response = await ask(
    `/v2/${repository}/tags/list?last=${encodeURIComponent(last)}&n=${count}`,
    waiting,
  )
  const { tags } = (await response.json()) as { tags: string[] | null }
  return tags ?? []
}
