/** A `Remote` that looks into another registry in the same process, for tests of registries that use one. */
import type { Content } from '../../src/core/blobs/ports.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { parseManifest } from '../../src/core/oci/manifest.ts'
import { NOTHING_REQUIRED } from '../../src/core/store/manifests.ts'
import type { Remote, RemoteBlob, Sources } from '../../src/core/store/remote.ts'
import type { Store } from '../../src/core/store/store.ts'
import type { InMemoryRegistry, MakeElsewhere } from './in-memory-registry.ts'

export const PEER = '12D3KooWPeer'

export interface RemoteCall {
  readonly what: keyof Remote
  readonly repository: string
  readonly key: string
}

/** Finds digests in any repository of `peer`, and tags in the repository of the same name. Records the calls. */
export const remoteAt =
  (peer: InMemoryRegistry, calls: RemoteCall[] = [], { age = 0 } = {}): MakeElsewhere =>
  (store, disk) => ({
    async blob(repository, digest) {
      calls.push({ what: 'blob', repository, key: digest })
      const held = await disk.get(digest)
      if (held && (await store.blobs.mount(repository, digest, undefined)))
        return remoteBlobOf(held, new Map())
      const content = await peer.disk.get(digest)
      if (!content) return undefined
      await store.uploads.put(repository, digest, { bytes: content.stream() })
      return remoteBlobOf(content)
    },

    async manifest(repository, digest) {
      calls.push({ what: 'manifest', repository, key: digest })
      return receive(peer, store, repository, digest)
    },

    async tag(repository, tag) {
      calls.push({ what: 'tag', repository, key: tag })
      const revision = await peer.store.manifests.find(repository, { tag })
      return revision && { digest: revision.digest, peer: PEER, taggedAt: 1 }
    },

    tagAge: () => age,

    async preview(repository, digest, { what }) {
      calls.push({ what: 'preview', repository, key: digest })
      const content = await peer.disk.get(digest)
      if (!content) return undefined
      const bytes = new Uint8Array(await new Response(content.stream()).arrayBuffer())
      const mediaType = what === 'manifest' ? parseManifest(bytes, undefined).mediaType : undefined
      return { bytes, mediaType, sources: sourcesOf(content) }
    },

    async referrers(repository, subject) {
      calls.push({ what: 'referrers', repository, key: subject })
      const options = { maxBytes: 1024 * 1024 }
      const { descriptors } = await peer.store.catalog.manifests.referrers(repository, subject, options)
      for (const text of descriptors) {
        const { digest } = JSON.parse(text)
        await receive(peer, store, repository, digest)
        await store.catalog.transaction(({ peerReferrers }) =>
          peerReferrers.vouch(repository, subject, { digest, peer: PEER }),
        )
      }
    },
  })

const sourcesOf = ({ size }: Content): Sources => new Map([[PEER, size]])

/** A blob that was here for another repository has no sources. */
const remoteBlobOf = (content: Content, origins: Sources = sourcesOf(content)): RemoteBlob => ({
  size: content.size,
  stream: content.stream.bind(content),
  sources: () => origins,
  done: Promise.resolve(),
})

async function receive(
  peer: InMemoryRegistry,
  store: Store,
  repository: string,
  digest: Digest,
): Promise<Sources | undefined> {
  const content = await peer.disk.get(digest)
  if (!content) return undefined
  const bytes = new Uint8Array(await new Response(content.stream()).arrayBuffer())
  const manifest = parseManifest(bytes, undefined)
  const required = NOTHING_REQUIRED
  const origins = sourcesOf(content)
  await store.manifests.put({ repository, digest, bytes, manifest, tags: [], required, sources: origins })
  return origins
}
