/** An image of a registry as a tar that `docker load`, podman, skopeo, ctr and others take. */
import type { Client } from '../client/client.ts'
import { type Digest, encodedOf, parseDigest } from '../oci/digest.ts'
import { RegistryError } from '../oci/error.ts'
import { isIndexType } from '../oci/media-type.ts'
import { type Part, type Pulled, partsOf, pull, referrersOf, type Source } from './contents.ts'
import { dockerList, layoutFile, layoutIndex, pathOf, type SmallFile } from './layout-files.ts'
import { type Choice, chooseImage } from './platform.ts'
import { sizeOfTar, streamTar, type TarPart } from './tar-stream.ts'
import { type CreateHash, verified } from './verified.ts'

export type ArchiveFormat = 'docker' | 'oci'

export interface OpenArchiveOptions extends Choice {
  /** `docker` holds one platform; `oci` all that are held, and what refers to the image. Default: docker. */
  readonly format?: ArchiveFormat | undefined
  /** `os/architecture[/variant]` of the one image to take. Default with docker: what is preferred. */
  readonly platform?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Verifies the blobs while they go out. Default: only their sizes are checked. */
  readonly createHash?: CreateHash | undefined
}

export interface OpenedArchive {
  /** Bytes of the whole tar. */
  readonly size: number
  /** Letters, digits, dots, dashes and underscores. */
  readonly fileName: string
  /** Breaks off with a RegistryError where a blob cannot be read to its end or has another digest. */
  stream(): ReadableStream<Uint8Array>
}

/**
 * Both formats are an OCI layout, so pushing the tar again gives the same digests; with `docker` there is also the
 * `manifest.json` that `docker load` reads. The same image gives the same bytes.
 *
 * @param reference - a tag or a digest
 * @throws RegistryError MANIFEST_UNKNOWN, BLOB_UNKNOWN, UNSUPPORTED for what has to come from another place
 */
export async function openArchive(
  client: Client,
  repository: string,
  reference: string,
  { format = 'docker', signal, createHash, ...choice }: OpenArchiveOptions = {},
): Promise<OpenedArchive> {
  const source = { client, repository, signal }
  const named = await pull(source, reference)
  const isOne = format === 'docker' || choice.platform !== undefined
  const root = isOne ? await pullImage(source, named, choice) : named
  const parts = await partsOf(source, root)
  const referrers = format === 'oci' ? await referrersOf(source, root) : { parts: [], found: [] }
  for (const [digest, part] of referrers.parts) parts.set(digest, part)
  const tag = parseDigest(reference) ? undefined : reference
  const files = [layoutFile, layoutIndex(root, referrers.found, repository, tag)]
  if (format === 'docker') files.push(dockerList(root, repository, tag))
  const entries = [
    ...files.map(inMemory),
    ...[...parts.values()].map((part) => stored(source, part, createHash)),
  ]
  const suffix = tag ?? encodedOf(root.digest).slice(0, 12)
  return {
    size: sizeOfTar(entries),
    fileName: `${`${repository}_${suffix}`.replace(/[^\w.-]/g, '_')}${format === 'oci' ? '.oci' : ''}.tar`,
    stream: () => streamTar(entries),
  }
}

/** The image itself, or the one of an index that is meant. */
async function pullImage(source: Source, root: Pulled, choice: Choice): Promise<Pulled> {
  const { manifests, blobs, mediaType } = root.manifest
  if (!isIndexType(mediaType)) return root
  const child = chooseImage([...manifests, ...blobs.filter(({ mediaType }) => mediaType === '')], choice)
  if (child) return pullImage(source, await pull(source, child.digest), choice)
  if (manifests.length === 0 && blobs.length > 0) {
    throw new RegistryError('UNSUPPORTED', 'the index names no image, only blobs; save it in the format oci')
  }
  throw new RegistryError('MANIFEST_UNKNOWN', `there is no image for ${choice.platform ?? 'any platform'}`)
}

const inMemory = ({ name, bytes }: SmallFile): TarPart => ({
  name,
  size: bytes.byteLength,
  open: async () => new Blob([bytes]).stream(),
})

const stored = (source: Source, part: Part, createHash: CreateHash | undefined): TarPart => ({
  name: pathOf(part.digest),
  size: part.size,
  open: () =>
    part.kind === 'manifest' ? openManifest(source, part.digest) : openBlob(source, part, createHash),
})

async function openManifest(source: Source, digest: Digest): Promise<ReadableStream<Uint8Array>> {
  const { bytes } = await pull(source, digest)
  return new Blob([bytes]).stream()
}

async function openBlob(
  { client, repository, signal }: Source,
  part: Part,
  createHash: CreateHash | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const blob = await client.getBlob(repository, part.digest, { signal })
  if (blob) return verified(blob.stream, part, createHash)
  throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: part.digest })
}
