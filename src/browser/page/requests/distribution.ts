/** Reads from `/v2/`: manifests, configs, blobs, tags. */

import type { PulledManifest } from '../../../core/client/client.ts'
import { readBody } from '../../../core/client/transport.ts'
import { type Descriptor, isObject } from '../../../core/oci/descriptor.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { type ImageConfig, readImageConfig } from '../../../core/oci/image-config.ts'
import { parseManifest } from '../../../core/oci/manifest.ts'
import { isIndexType } from '../../../core/oci/media-type.ts'
import { type AbortOptions, createPreviewClient, previewTransport, request } from './request.ts'

/** A manifest, normalized: fields that are null or empty in it are absent here. */
export interface ImageManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** The manifest's field; not the media type of its config. */
  readonly artifactType: string | undefined
  /** `undefined` for an index. */
  readonly config: Descriptor | undefined
  /** An image's layers; an index's children that are not manifests. */
  readonly blobs: readonly Descriptor[]
  /** An index's children. */
  readonly manifests: readonly Descriptor[]
  readonly subject: Descriptor | undefined
  readonly annotations: Readonly<Record<string, string>>
  /** The parsed document. */
  readonly json: unknown
  /** Ids of the peers that sent it just now; empty if it is stored here. */
  readonly providers: readonly string[]
}

/** Configs are small; something larger is not one. */
const MAX_CONFIG_BYTES = 4 * 2 ** 20

/** From this browser or from peers, without storing it. @throws RegistryError MANIFEST_UNKNOWN if nobody has it */
export const previewManifest = async (
  repository: string,
  reference: string,
  options?: AbortOptions,
): Promise<ImageManifest> => {
  let source = ''
  const client = createPreviewClient(({ headers }) => {
    source = headers.get('Flotilla-Source') ?? ''
  })
  const manifest = await client.requireManifest(repository, reference, options)
  return { ...readManifest(manifest), providers: [...source.matchAll(/;id=(\w+)/g)].map(([, id]) => id!) }
}

function readManifest({ digest, mediaType: type, bytes }: PulledManifest): Omit<ImageManifest, 'providers'> {
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

/** `undefined` if it is not an image config, such as an artifact's. Malformed configs are read leniently. */
export const previewConfig = async (
  repository: string,
  config: Descriptor | undefined,
  options?: AbortOptions,
): Promise<ImageConfig | undefined> => {
  if (!config || !isImageConfig(config.mediaType) || config.size > MAX_CONFIG_BYTES) return undefined
  const response = await previewTransport.request(`/v2/${repository}/blobs/${config.digest}`, options)
  return readImageConfig(await readBody(response, MAX_CONFIG_BYTES))
}

/** The bytes of a blob, without storing it. @throws RegistryError SIZE_INVALID if it has more than `limit` bytes */
export const previewBlob = async (
  repository: string,
  digest: string,
  limit: number,
  options?: AbortOptions,
): Promise<Uint8Array<ArrayBuffer>> =>
  readBody(await previewTransport.request(`/v2/${repository}/blobs/${digest}`, options), limit)

/** The tags of a stored repository that sort after `last`. */
export const listTagsAfter = async (
  repository: string,
  last: string,
  count: number,
  options?: AbortOptions,
): Promise<readonly string[]> => {
  const response = await request(
    `/v2/${repository}/tags/list?last=${encodeURIComponent(last)}&n=${count}`,
    options,
  )
  const { tags } = (await response.json()) as { tags: string[] | null }
  return tags ?? []
}
