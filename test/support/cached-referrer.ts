/** Manifests that came from peers and refer to another: for tests of what is listed on whose word. */
import type { Descriptor } from '../../src/core/oci/descriptor.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { parseManifest } from '../../src/core/oci/manifest.ts'
import { OCI_INDEX } from '../../src/core/oci/media-type.ts'
import type { InMemoryRegistry } from './in-memory-registry.ts'
import { descriptorOf } from './push.ts'

/** A manifest, as text. */
export const referrerOf = (subject: Descriptor, extras: object = {}): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [], subject, ...extras })

/** @param peer - on whose word it is listed; `undefined`: it came by its digest alone */
export async function cacheReferrer(
  { store }: Pick<InMemoryRegistry, 'store'>,
  subject: Descriptor,
  peer: string | undefined,
  extras: object = { annotations: { by: String(peer) } },
): Promise<Digest> {
  const bytes = Buffer.from(referrerOf(subject, extras))
  const digest = descriptorOf(bytes, OCI_INDEX).digest as Digest
  await store.manifests.put({
    repository: 'a',
    digest,
    bytes,
    manifest: parseManifest(bytes, OCI_INDEX),
    tags: [],
    required: { blobs: [], manifests: [] },
    origins: new Map([['giver', bytes.length]]),
  })
  const vouched = { digest, peer: peer ?? '' }
  if (peer !== undefined)
    await store.catalog.transaction(({ vouching }) => vouching.vouch('a', subject.digest as Digest, vouched))
  return digest
}
