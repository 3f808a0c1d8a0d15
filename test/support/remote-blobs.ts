/** Puts content into a store as the swarm does with what it has pulled from peers, but without a network. */
import type { Descriptor } from '../../src/core/oci/descriptor.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { parseManifest } from '../../src/core/oci/manifest.ts'
import { NOTHING_REQUIRED } from '../../src/core/store/manifests.ts'
import type { Store } from '../../src/core/store/store.ts'
import { type Content, descriptorOf } from './push.ts'

export const PEER = '12D3KooWPeer'

export async function receiveBlob(store: Store, repository: string, content: Content): Promise<Descriptor> {
  const descriptor = descriptorOf(content, 'application/vnd.oci.image.layer.v1.tar')
  const digest = descriptor.digest as Digest
  const origins = new Map([[PEER, descriptor.size]])
  if (await store.downloads.held(digest)) {
    await store.downloads.link(repository, digest)
    return descriptor
  }
  const upload = await store.downloads.begin(digest, { isResumable: false })
  await upload.append(once(Buffer.from(content)), { last: true })
  await store.downloads.commit(digest, upload, { repositories: [repository], sources: origins })
  return descriptor
}

/** @param voucher - the peer that lists it, if it is a referrer; `null` if it was pulled by its digest */
export async function receiveManifest(
  store: Store,
  repository: string,
  manifest: Readonly<Record<string, unknown>>,
  voucher: string | null = PEER,
): Promise<Descriptor> {
  const descriptor = await put(store, repository, manifest, { sources: new Map([[PEER, 1]]) })
  const { subject } = parseManifest(Buffer.from(JSON.stringify(manifest)), undefined)
  const vouched = { digest: descriptor.digest as Digest, peer: voucher ?? '' }
  if (subject && voucher !== null) {
    const about = subject.digest as Digest
    await store.catalog.transaction(({ peerReferrers: vouching }) =>
      vouching.vouch(repository, about, vouched),
    )
  }
  return descriptor
}

/** Like a push, except that nothing that the manifest names has to be there. */
export const putManifest = (
  store: Store,
  repository: string,
  manifest: Readonly<Record<string, unknown>>,
  tags: readonly string[] = [],
) => put(store, repository, manifest, { tags })

async function put(
  store: Store,
  repository: string,
  json: Readonly<Record<string, unknown>>,
  { tags = [], ...options }: { tags?: readonly string[]; sources?: ReadonlyMap<string, number> },
): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(json))
  const manifest = parseManifest(bytes, undefined)
  const descriptor = descriptorOf(bytes, manifest.mediaType)
  const digest = descriptor.digest as Digest
  const required = NOTHING_REQUIRED
  await store.manifests.put({ repository, digest, bytes, manifest, tags, required, ...options })
  return descriptor
}

export async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
