/**
 * Another registry as the place where a registry looks for what it lacks, without a network: for tests of what a
 * registry makes of that.
 */
import type { Content } from '../../src/core/blobs/ports.ts'
import type { Digest } from '../../src/core/oci/digest.ts'
import { parseManifest } from '../../src/core/oci/manifest.ts'
import { NOTHING_REQUIRED } from '../../src/core/store/manifests.ts'
import type { Remote, RemoteBlob, Sources } from '../../src/core/store/remote.ts'
import type { Store } from '../../src/core/store/store.ts'
import type { InMemoryRegistry, MakeElsewhere } from './in-memory-registry.ts'

export const PEER = '12D3KooWPeer'

export interface Asked {
  readonly what: keyof Remote
  readonly repository: string
  readonly key: string
}

/** Looks into any repository of `peer` for digests, into one of the same name for tags. Writes down who asks what. */
export const elsewhereAt =
  (peer: InMemoryRegistry, asked: Asked[] = [], { age = 0 } = {}): MakeElsewhere =>
  (store, disk) => ({
    async blob(repository, digest) {
      asked.push({ what: 'blob', repository, key: digest })
      const held = await disk.get(digest)
      if (held && (await store.blobs.mount(repository, digest, undefined))) return arrivalOf(held, new Map())
      const content = await peer.disk.get(digest)
      if (!content) return undefined
      await store.uploads.put(repository, digest, { bytes: content.stream() })
      return arrivalOf(content)
    },

    async manifest(repository, digest) {
      asked.push({ what: 'manifest', repository, key: digest })
      return bring(peer, store, repository, digest)
    },

    async tag(repository, tag) {
      asked.push({ what: 'tag', repository, key: tag })
      const revision = await peer.store.manifests.find(repository, { tag })
      return revision && { digest: revision.digest, peer: PEER, taggedAt: 1 }
    },

    tagAge: () => age,

    async preview(repository, digest, { what }) {
      asked.push({ what: 'preview', repository, key: digest })
      const content = await peer.disk.get(digest)
      if (!content) return undefined
      const bytes = new Uint8Array(await new Response(content.stream()).arrayBuffer())
      const mediaType = what === 'manifest' ? parseManifest(bytes, undefined).mediaType : undefined
      return { bytes, mediaType, sources: originsOf(content) }
    },

    async referrers(repository, subject) {
      asked.push({ what: 'referrers', repository, key: subject })
      const options = { most: 1024 * 1024 }
      const { descriptors } = await peer.store.catalog.manifests.referrers(repository, subject, options)
      for (const text of descriptors) {
        const { digest } = JSON.parse(text)
        await bring(peer, store, repository, digest)
        await store.catalog.transaction(({ vouching }) =>
          vouching.vouch(repository, subject, { digest, peer: PEER }),
        )
      }
    },
  })

const originsOf = ({ size }: Content): Sources => new Map([[PEER, size]])

/** What is here for another repository comes from nobody. */
const arrivalOf = (content: Content, origins: Sources = originsOf(content)): RemoteBlob => ({
  size: content.size,
  stream: content.stream.bind(content),
  sources: () => origins,
  done: Promise.resolve(),
})

async function bring(
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
  const origins = originsOf(content)
  await store.manifests.put({ repository, digest, bytes, manifest, tags: [], required, origins })
  return origins
}
