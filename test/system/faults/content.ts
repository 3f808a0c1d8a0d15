/** What the tests push: bytes with their digests, and images made of them. */

import type { Digest } from '../../../src/core/oci/digest.ts'
import { OCI_MANIFEST, OCTET_STREAM } from '../../../src/core/oci/media-type.ts'
import { incompressible } from '../../fixtures/layer.ts'
import { digestOf } from '../../support/digest.ts'

export interface Blob {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly digest: Digest
}

/** The same bytes for the same name and size. */
export const blobOf = (name: string, size: number): Blob =>
  blobOfBytes(incompressible(size, name) as Blob['bytes'])

const blobOfBytes = (bytes: Blob['bytes']): Blob => ({ bytes, digest: digestOf(bytes) })

const descriptorOf = ({ bytes, digest }: Blob) => ({ mediaType: OCTET_STREAM, digest, size: bytes.length })

export const manifestOf = (config: Blob, layers: readonly Blob[]): Blob => {
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  }
  return blobOfBytes(new TextEncoder().encode(JSON.stringify(manifest)))
}
