/**
 * Manifests: the type of a pushed document, and what it points at. Its bytes are never changed.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
 */
import { type Descriptor, requireDescriptor } from './descriptor.ts'
import { RegistryError } from './error.ts'
import { isObject, parseJson, stringMapIn, withoutNulls } from './json.ts'
import { isDockerType, isIndexType, isManifestType, OCI_INDEX, OCI_MANIFEST } from './media-type.ts'

/** "At least 4 megabytes" by the specification, and what Distribution allows. */
export const MAX_MANIFEST_SIZE = 4 * 1024 * 1024

export interface Manifest {
  readonly mediaType: string
  /** Its own artifact type, or for an image the media type of its config, as the referrers API requires. */
  readonly artifactType: string | undefined
  readonly annotations: Readonly<Record<string, string>> | undefined
  /**
   * Config and layers of an image. For an index, the children whose media type isn't a manifest's, such as the layers in
   * BuildKit's cache; a child without a media type may be a manifest all the same.
   */
  readonly blobs: readonly Descriptor[]
  /** Children of an index whose media type is a manifest's. */
  readonly manifests: readonly Descriptor[]
  readonly subject: Descriptor | undefined
}

/**
 * Reads a manifest that was sent as `contentType` (without parameters; `undefined` if none was sent).
 *
 * @throws RegistryError MANIFEST_INVALID, with what is wrong
 */
export function parseManifest(bytes: Uint8Array, contentType: string | undefined): Manifest {
  const json = parseObject(bytes)
  if (json['schemaVersion'] === 1)
    throw invalid('schema 1 manifests are not supported; convert to schema 2 or OCI')
  if (json['schemaVersion'] !== 2) throw invalid('schemaVersion must be 2')
  const mediaType = mediaTypeOf(json, contentType)
  const isIndex = isIndexType(mediaType)
  refuseConfusion(json, isIndex)
  return {
    mediaType,
    artifactType: artifactTypeOf(json, isIndex),
    annotations: annotationsOf(json),
    ...(isIndex ? childrenOf(json) : { blobs: imageBlobs(json), manifests: [] }),
    subject: subjectOf(json),
  }
}

/**
 * The children of an index, also of the `index.json` of a layout, in their order.
 *
 * @throws RegistryError MANIFEST_INVALID, with what is wrong
 */
export function childrenOf(index: Readonly<Record<string, unknown>>): Pick<Manifest, 'blobs' | 'manifests'> {
  const children = Map.groupBy(descriptors(index, 'manifests'), ({ mediaType }) => isManifestType(mediaType))
  return { blobs: children.get(false) ?? [], manifests: children.get(true) ?? [] }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let json: unknown
  try {
    json = parseJson(bytes)
  } catch (cause) {
    throw new RegistryError('MANIFEST_INVALID', 'manifest is not valid JSON', { cause })
  }
  if (isObject(json)) return withoutNulls(json)
  throw invalid('manifest is not a JSON object')
}

/** The types in the request and in the body must agree; Docker's types must be in the body. */
function mediaTypeOf(json: Record<string, unknown>, contentType: string | undefined): string {
  const inBody = json['mediaType'] === '' ? undefined : json['mediaType']
  if (inBody !== undefined && typeof inBody !== 'string') throw invalid('mediaType is not a string')
  const type = contentType ?? inBody ?? guessType(json)
  if (!isManifestType(type))
    throw invalid(`media type ${JSON.stringify(type.slice(0, 128))} is not supported`)
  if (inBody !== undefined && inBody !== type) throw invalid(`mediaType in the manifest is not ${type}`)
  if (inBody === undefined && isDockerType(type)) throw invalid('mediaType is missing')
  return type
}

const guessType = (json: Record<string, unknown>): string => ('manifests' in json ? OCI_INDEX : OCI_MANIFEST)

/** One document must not be an image to one client and an index to another (CVE-2021-41190). */
function refuseConfusion(json: Record<string, unknown>, isIndex: boolean): void {
  const foreign = isIndex ? ['config', 'layers', 'fsLayers'] : ['manifests', 'fsLayers']
  for (const key of foreign) {
    if (key in json) throw invalid(`${key} does not belong in ${isIndex ? 'an index' : 'an image manifest'}`)
  }
}

const imageBlobs = (json: Record<string, unknown>): Descriptor[] => [
  requireDescriptor(json['config'], 'config'),
  ...descriptors(json, 'layers'),
]

function descriptors(json: Readonly<Record<string, unknown>>, key: string): Descriptor[] {
  const list = json[key] ?? []
  if (!Array.isArray(list)) throw invalid(`${key} is not a list`)
  return list.map((entry, position) => requireDescriptor(entry, `${key}[${position}]`))
}

function subjectOf({ subject }: Record<string, unknown>): Descriptor | undefined {
  return subject === undefined || isZero(subject) ? undefined : requireDescriptor(subject, 'subject')
}

/** Go writes this for an unset descriptor if the field isn't a pointer. */
const isZero = (value: unknown): boolean =>
  isObject(value) && value['digest'] === '' && value['size'] === 0 && value['mediaType'] === ''

function artifactTypeOf(json: Record<string, unknown>, isIndex: boolean): string | undefined {
  const own = json['artifactType']
  if (own !== undefined && typeof own !== 'string') throw invalid('artifactType is not a string')
  if (own || isIndex || !isObject(json['config'])) return own || undefined
  const type = json['config']['mediaType']
  return typeof type === 'string' && type !== '' ? type : undefined
}

function annotationsOf(json: Record<string, unknown>): Record<string, string> | undefined {
  if (json['annotations'] === undefined) return undefined
  const annotations = stringMapIn(json['annotations'])
  if (annotations) return annotations
  throw invalid('annotations is not a map of strings')
}

const invalid = (message: string): RegistryError => new RegistryError('MANIFEST_INVALID', message)
