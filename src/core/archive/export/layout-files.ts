/**
 * The small JSON files of an archive, which say what the blobs in it are.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 * @see https://github.com/moby/moby/blob/v28.0.0/image/spec/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import type { Descriptor } from '../../oci/descriptor.ts'
import { algorithmOf, type Digest, encodedOf } from '../../oci/digest.ts'
import { OCI_INDEX } from '../../oci/media-type.ts'
import { fullName } from '../image-name.ts'
import type { Pulled } from './contents.ts'

export interface SmallFile {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export const pathOf = (digest: Digest): string => `blobs/${algorithmOf(digest)}/${encodedOf(digest)}`

export const layoutFile: SmallFile = json('oci-layout', { imageLayoutVersion: '1.0.0' })

/** `index.json`. The image comes first, and only it has a name. */
export function layoutIndex(
  root: Pulled,
  referrers: readonly Descriptor[],
  repository: string,
  tag: string | undefined,
): SmallFile {
  const { mediaType } = root.manifest
  const annotations = tag !== undefined && {
    'io.containerd.image.name': fullName(repository, tag),
    'org.opencontainers.image.ref.name': tag,
  }
  const named = {
    mediaType,
    digest: root.digest,
    size: root.bytes.byteLength,
    ...(annotations && { annotations }),
  }
  return json('index.json', { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [named, ...referrers] })
}

/** `manifest.json` as Docker has written it since 25: with the paths of the OCI layout. */
export function dockerList({ manifest }: Pulled, repository: string, tag: string | undefined): SmallFile {
  const [config, ...layers] = manifest.blobs.map(({ digest }) => pathOf(digest as Digest))
  const tags = tag === undefined ? [] : [`${repository}:${tag}`]
  return json('manifest.json', [{ Config: config, RepoTags: tags, Layers: layers }])
}

function json(name: string, value: unknown): SmallFile {
  return { name, bytes: new TextEncoder().encode(JSON.stringify(value)) }
}
