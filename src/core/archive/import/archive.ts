/** What an archive of images holds, whatever its format. */
import type { Digest } from '../../oci/digest.ts'
import type { Manifest } from '../../oci/manifest.ts'
import type { ImageName } from '../image-name.ts'
import type { Tar } from '../tar/tar.ts'
import type { TarFile } from '../tar/tar-index.ts'

export interface Archive {
  readonly format: 'docker' | 'oci'
  readonly images: readonly ArchiveImage[]
  /** Everything in the archive that belongs to an image. */
  readonly manifests: ReadonlyMap<string, ArchiveManifest>
  readonly blobs: ReadonlyMap<string, ArchiveBlob>
  /** Harmless problems with the archive, one sentence each. */
  readonly remarks: readonly string[]
  readonly tar: Tar
}

export interface ArchiveImage {
  /** The digest of its manifest or index. */
  readonly digest: Digest
  readonly mediaType: string
  /** Total bytes of its blobs that are in the archive, each counted once. */
  readonly size: number
  /** `os/architecture[/variant]` of each image in it, if the archive says so. */
  readonly platforms: readonly string[]
  /** Empty if the archive doesn't name it. */
  readonly names: readonly ImageName[]
}

export interface ArchiveManifest {
  readonly digest: Digest
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly manifest: Manifest
}

export interface ArchiveBlob {
  readonly digest: Digest
  readonly file: TarFile
  /** Size in bytes of the blob as the registry stores it. */
  readonly size: number
  /** The file in the tar is compressed, but the digest is that of the uncompressed layer. */
  readonly isCompressed: boolean
}
