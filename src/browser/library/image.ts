/** An image of the registry: which of an index is meant, what its config says, and its files. */
import { chooseImage, platformText } from '../../core/archive/platform.ts'
import { createClient } from '../../core/client/client.ts'
import { readManifest } from '../../core/client/image-tree.ts'
import { type ImageConfig, readImageConfig } from '../../core/oci/config.ts'
import type { Descriptor } from '../../core/oci/descriptor.ts'
import { type Digest, parseDigest } from '../../core/oci/digest.ts'
import { RegistryError } from '../../core/oci/error.ts'
import { isIndexType } from '../../core/oci/media-type.ts'
import { type ImageFile, type Progress, readFiles } from './image-files.ts'

export interface OpenOptions {
  /** Of an index, such as `linux/386` or `wasi/wasm`. Default: `linux/amd64`, or else the first one there is. */
  readonly platform?: string
  readonly signal?: AbortSignal
}

export interface Image {
  readonly repository: string
  /** Of the manifest of this platform. */
  readonly digest: string
  readonly platform: string | undefined
  /** What is not in it is `undefined`, or empty. */
  readonly config: ImageConfig
  readonly layers: readonly Descriptor[]
  /**
   * What a container of it would see, folders before what is in them. The layers are pulled where they are not here, and
   * unpacked to files of the browser's, which it keeps on its disk when they are large.
   */
  files(options?: { readonly signal?: AbortSignal; onProgress?: Progress }): Promise<readonly ImageFile[]>
}

/**
 * @param reference - `repository:tag` or `repository@digest`
 * @throws RegistryError MANIFEST_UNKNOWN for what neither this browser nor a peer has
 */
export async function openImage(reference: string, { platform, signal }: OpenOptions = {}): Promise<Image> {
  const client = createClient()
  const [repository, name] = partsOf(reference)
  const { digest, manifest } = await readPlatform(name)
  const [config, ...layers] = manifest.blobs
  if (!config) throw new RegistryError('MANIFEST_INVALID', `${reference} has no config: it is no image`)
  const said = readImageConfig(new Uint8Array(await new Response((await open(config)).stream).arrayBuffer()))
  return {
    repository,
    digest,
    platform: platformText(said),
    config: said,
    layers,
    files: (options = {}) => readFiles(layers, open, options),
  }

  async function readPlatform(name: string) {
    const read = await readManifest(client, repository, name, { signal })
    if (!isIndexType(read.mediaType)) return read
    const chosen = chooseImage(read.manifest.manifests, { platform })
    if (chosen) return readManifest(client, repository, chosen.digest, { signal })
    throw new RegistryError('MANIFEST_UNKNOWN', `${reference} has no image for ${platform}`)
  }

  async function open({ digest }: Descriptor, options = { signal }) {
    const blob = await client.getBlob(repository, digest as Digest, options)
    if (blob) return blob
    throw new RegistryError('BLOB_UNKNOWN', `neither this browser nor a peer has ${digest} of ${reference}`)
  }
}

function partsOf(reference: string): readonly [repository: string, reference: string] {
  const [, repository, tag, digest] = /^([^:@]+)(?::([\w.-]+)|@(.+))$/.exec(reference) ?? []
  if (repository && (tag || (digest && parseDigest(digest)))) return [repository, tag ?? digest!]
  throw new RegistryError('NAME_INVALID', `${reference} is neither repository:tag nor repository@digest`)
}
