/** What an archive of images holds, whatever its format. */
import type { Digest } from '../oci/digest.ts'
import type { Manifest } from '../oci/manifest.ts'
import type { ImageName } from './image-name.ts'
import type { Tar } from './tar.ts'
import type { TarFile } from './tar-index.ts'

export interface Archive {
  readonly format: 'docker' | 'oci'
  readonly images: readonly ArchiveImage[]
  /** All that the images are made of and that is in the archive. */
  readonly manifests: ReadonlyMap<string, ArchiveManifest>
  readonly blobs: ReadonlyMap<string, ArchiveBlob>
  /** What is wrong with the archive and does no harm, a sentence each. */
  readonly remarks: readonly string[]
  readonly tar: Tar
}

export interface ArchiveImage {
  /** Of its manifest or index, as the registry will know it. */
  readonly digest: Digest
  readonly mediaType: string
  /** Bytes of the blobs that it needs and that are in the archive, each counted once. */
  readonly size: number
  /** `os/architecture[/variant]` of the images in it, as far as the archive says. */
  readonly platforms: readonly string[]
  /** Empty where the archive does not name it. */
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
  /** Bytes as the registry keeps them. */
  readonly size: number
  /** The file is a layer that was compressed, while its digest is that of what is inside. */
  readonly isCompressed: boolean
}
