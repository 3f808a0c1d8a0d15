/** Manifests that came from peers and refer to another: for tests of what is listed on whose word. */
import type { Descriptor } from '../../src/core/oci/descriptor.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { OCI_INDEX } from '../../src/core/oci/media-type.ts'
import type { InMemoryRegistry } from './in-memory-registry.ts'
import { receiveManifest } from './remote-blobs.ts'

export const referrerOf = (subject: Descriptor, extras: object = {}): Readonly<Record<string, unknown>> => ({
  schemaVersion: 2,
  mediaType: OCI_INDEX,
  manifests: [],
  subject,
  ...extras,
})

/** Into the repository `a`. @param peer - on whose word it is listed; `null`: it came by its digest alone */
export async function cacheReferrer(
  { store }: Pick<InMemoryRegistry, 'store'>,
  subject: Descriptor,
  peer: string | null,
  extras: object = { annotations: { by: String(peer) } },
): Promise<Digest> {
  return (await receiveManifest(store, 'a', referrerOf(subject, extras), peer)).digest as Digest
}
