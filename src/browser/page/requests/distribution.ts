/** The registry's standard side, as the page reads it: the catalog, manifests, configs. */
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { RegistryError } from '../../../core/oci/error.ts'
import type { ImageConfig } from '../image/image-config.ts'
import { ask, askJson, client, nextOf, type Page } from './request.ts'

export interface ManifestDocument {
  readonly artifactType?: string
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** In bytes. */
  readonly size: number
  readonly document: ManifestDocument
}

const FIRST_REPOSITORIES = '/v2/_catalog?n=100'

/** Configs are small; something larger is not one. */
const MAX_CONFIG_SIZE = 4 * 2 ** 20

interface Waiting {
  readonly signal?: AbortSignal
}

/** @param path - of a page that follows the first */
export const listRepositories = async (
  path = FIRST_REPOSITORIES,
  waiting?: Waiting,
): Promise<Page<string>> => {
  const response = await ask(path, waiting)
  const { repositories } = (await response.json()) as { repositories: string[] }
  return { entries: repositories, next: nextOf(response) }
}

/** From here, or from peers. @throws RegistryError MANIFEST_UNKNOWN where nobody has it */
export const pullManifest = async (
  repository: string,
  reference: string,
  waiting?: Waiting,
): Promise<ImageManifest> => {
  const manifest = await client.getManifest(repository, reference, waiting)
  if (!manifest) throw new RegistryError('MANIFEST_UNKNOWN')
  const { digest, mediaType, bytes } = manifest
  return { digest, mediaType, size: bytes.length, document: JSON.parse(new TextDecoder().decode(bytes)) }
}

/** `undefined` for what is no image's config, such as an artifact's. */
export const pullConfig = async (
  repository: string,
  config: Descriptor | undefined,
  waiting?: Waiting,
): Promise<ImageConfig | undefined> => {
  const isImage = /\.(?:image\.config\.v1|container\.image\.v1)\+json$/.test(config?.mediaType ?? '')
  if (!config || !isImage || config.size > MAX_CONFIG_SIZE) return undefined
  return await askJson(`/v2/${repository}/blobs/${config.digest}`, waiting)
}
