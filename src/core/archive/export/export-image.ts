/** Exports an image from a registry as a tar that `docker load`, podman, skopeo, ctr and others can read. */
import type { Client } from '../../client/client.ts'
import { type Digest, encodedOf, parseDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { isIndexType } from '../../oci/media-type.ts'
import { type Choice, chooseImage } from '../platform.ts'
import { sizeOfTar, streamTar, type TarEntry } from '../tar/stream-tar.ts'
import { type ArchiveEntry, entriesOf, type Pulled, pull, referrersOf, type Source } from './contents.ts'
import { dockerList, layoutFile, layoutIndex, pathOf, type SmallFile } from './layout-files.ts'
import { type CreateHash, verified } from './verified.ts'

export type ArchiveFormat = 'docker' | 'oci'

export interface ExportOptions extends Choice {
  /** `docker` holds one platform; `oci` holds all that the registry has, and the referrers. Default: docker. */
  readonly format?: ArchiveFormat | undefined
  /** `os/architecture[/variant]` of the only image to export. Default for docker: `preferred`. */
  readonly platform?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Verifies blobs while they are streamed. Default: only their sizes are checked. */
  readonly createHash?: CreateHash | undefined
}

export interface ExportedImage {
  /** Bytes of the whole tar. */
  readonly size: number
  /** Made of letters, digits, dots, dashes and underscores. */
  readonly fileName: string
  /** Fails with a RegistryError if a blob can't be read to its end or doesn't match its digest. */
  stream(): ReadableStream<Uint8Array>
}

/**
 * Both formats are OCI layouts, so pushing the tar again gives the same digests; `docker` adds the `manifest.json` that
 * `docker load` reads. The same image always gives the same bytes.
 *
 * @param reference - a tag or a digest
 * @throws RegistryError MANIFEST_UNKNOWN, BLOB_UNKNOWN, UNSUPPORTED for layers that must be fetched from another URL
 */
export async function exportImage(
  client: Client,
  repository: string,
  reference: string,
  { format = 'docker', signal, createHash, ...choice }: ExportOptions = {},
): Promise<ExportedImage> {
  const source = { client, repository, signal }
  const named = await pull(source, reference)
  const isOne = format === 'docker' || choice.platform !== undefined
  const root = isOne ? await pullImage(source, named, choice) : named
  const entries = await entriesOf(source, root)
  const referrers = format === 'oci' ? await referrersOf(source, root) : { entries: [], found: [] }
  for (const [digest, entry] of referrers.entries) entries.set(digest, entry)
  const tag = parseDigest(reference) ? undefined : reference
  const files = [layoutFile, layoutIndex(root, referrers.found, repository, tag)]
  if (format === 'docker') files.push(dockerList(root, repository, tag))
  const tarEntries = [
    ...files.map(inMemory),
    ...[...entries.values()].map((entry) => stored(source, entry, createHash)),
  ]
  const suffix = tag ?? encodedOf(root.digest).slice(0, 12)
  return {
    size: sizeOfTar(tarEntries),
    fileName: `${`${repository}_${suffix}`.replace(/[^\w.-]/g, '_')}${format === 'oci' ? '.oci' : ''}.tar`,
    stream: () => streamTar(tarEntries),
  }
}

/** The image itself, or the chosen image of an index. */
async function pullImage(source: Source, root: Pulled, choice: Choice): Promise<Pulled> {
  const { manifests, blobs, mediaType } = root.manifest
  if (!isIndexType(mediaType)) return root
  const child = chooseImage([...manifests, ...blobs.filter(({ mediaType }) => mediaType === '')], choice)
  if (child) return pullImage(source, await pull(source, child.digest), choice)
  if (manifests.length === 0 && blobs.length > 0) {
    throw new RegistryError(
      'UNSUPPORTED',
      'the index lists only blobs and no image; save it with the format oci',
    )
  }
  throw new RegistryError(
    'MANIFEST_UNKNOWN',
    `the index has no image for ${choice.platform ?? 'any platform'}`,
  )
}

const inMemory = ({ name, bytes }: SmallFile): TarEntry => ({
  name,
  size: bytes.byteLength,
  open: async () => new Blob([bytes]).stream(),
})

const stored = (source: Source, entry: ArchiveEntry, createHash: CreateHash | undefined): TarEntry => ({
  name: pathOf(entry.digest),
  size: entry.size,
  open: () =>
    entry.kind === 'manifest' ? openManifest(source, entry.digest) : openBlob(source, entry, createHash),
})

async function openManifest(source: Source, digest: Digest): Promise<ReadableStream<Uint8Array>> {
  const { bytes } = await pull(source, digest)
  return new Blob([bytes]).stream()
}

async function openBlob(
  { client, repository, signal }: Source,
  entry: ArchiveEntry,
  createHash: CreateHash | undefined,
): Promise<ReadableStream<Uint8Array>> {
  const blob = await client.getBlob(repository, entry.digest, { signal })
  if (blob) return verified(blob.stream, entry, createHash)
  throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: entry.digest })
}
