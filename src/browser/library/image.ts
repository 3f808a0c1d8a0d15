/** An image of the registry: picks the platform of an index, reads the config, and gives the files. */
import { chooseImage, platformText } from '../../core/archive/platform.ts'
import { createClient } from '../../core/client/client.ts'
import { readManifest } from '../../core/client/image-tree.ts'
import type { Descriptor } from '../../core/oci/descriptor.ts'
import { type Digest, parseDigest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { type ImageConfig, readImageConfig } from '../../core/oci/image-config.ts'
import { isIndexType } from '../../core/oci/media-type.ts'
import { type ImageFile, type Progress, readFiles } from './image-files.ts'

export interface OpenOptions {
  /** The platform to pick from an index, such as `linux/386` or `wasi/wasm`. Default: `linux/amd64`, or else the first. */
  readonly platform?: string
  readonly signal?: AbortSignal
}

export interface Image {
  readonly repository: string
  /** The digest of this platform's manifest. */
  readonly digest: string
  readonly platform: string | undefined
  /** Missing values are `undefined` or empty. */
  readonly config: ImageConfig
  readonly layers: readonly Descriptor[]
  /**
   * The files that a container would see, folders before their contents. Layers that are not here are pulled. They are
   * unpacked to Blobs, which the browser stores on disk if they are large.
   */
  files(options?: { readonly signal?: AbortSignal; onProgress?: Progress }): Promise<readonly ImageFile[]>
}

/**
 * @param reference - `repository:tag` or `repository@digest`
 * @throws RegistryError MANIFEST_UNKNOWN if neither this browser nor a peer has the image
 */
export async function openImage(reference: string, { platform, signal }: OpenOptions = {}): Promise<Image> {
  const client = createClient()
  const [repository, name] = parseReference(reference)
  const { digest, manifest } = await readPlatform(name)
  const [config, ...layers] = manifest.blobs
  if (!config)
    throw new RegistryError('MANIFEST_INVALID', `${reference} is not an image: its manifest has no config`)
  const imageConfig = readImageConfig(
    new Uint8Array(await new Response((await open(config)).stream).arrayBuffer()),
  )
  return {
    repository,
    digest,
    platform: platformText(imageConfig),
    config: imageConfig,
    layers,
    files: (options = {}) => readFiles(layers, open, options),
  }

  async function readPlatform(name: string) {
    const read = await readManifest(client, repository, name, { signal })
    if (!isIndexType(read.mediaType)) return read
    const chosen = chooseImage(read.manifest.manifests, { platform })
    if (chosen) return readManifest(client, repository, chosen.digest, { signal })
    throw new RegistryError(
      'MANIFEST_UNKNOWN',
      `${reference} has no image for the platform ${platform ?? 'linux/amd64'}`,
    )
  }

  async function open({ digest }: Descriptor, options = { signal }) {
    const blob = await client.getBlob(repository, digest as Digest, options)
    if (blob) return blob
    throw new RegistryError('BLOB_UNKNOWN', `neither this browser nor a peer has ${digest} of ${reference}`)
  }
}

function parseReference(reference: string): readonly [repository: string, reference: string] {
  const [, repository, tag, digest] = /^([^:@]+)(?::([\w.-]+)|@(.+))$/.exec(reference) ?? []
  if (repository && (tag || (digest && parseDigest(digest)))) return [repository, tag ?? digest!]
  throw new RegistryError(
    'NAME_INVALID',
    `${reference} is not a valid reference: expected repository:tag or repository@digest`,
  )
}
