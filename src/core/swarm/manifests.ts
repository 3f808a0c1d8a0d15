/** Pulls manifests from peers. None is kept before its digest and its form have been checked. */
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '../oci/manifest.ts'
import { NOTHING_REQUIRED } from '../store/manifests.ts'
import type { Sources } from '../store/remote.ts'
import type { Store } from '../store/store.ts'
import { InvalidClaimError } from './download/claim.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { Provider } from './lookup/providers.ts'
import type { ContentKind, SmallReads, Verified, WantedContent } from './small-reads.ts'

export interface WantedManifest extends WantedContent {
  /** What it must name as its subject. */
  readonly subject?: Digest
}

interface PullOptions {
  readonly signal: AbortSignal
}

/** Both resolve with the peer that gave the manifest, or `undefined` if none did. */
export interface Manifests {
  /** Takes the first response of any provider. */
  pull(wanted: WantedManifest, options: PullOptions): Promise<Sources | undefined>
  /** Asks this provider alone. */
  pullFrom(provider: Provider, wanted: WantedManifest, options: PullOptions): Promise<Sources | undefined>
}

export interface ManifestsDeps {
  readonly reads: SmallReads
  readonly backoff: PeerBackoff
  readonly store: Store
  /** @throws RegistryError for a manifest that would be refused if it were pushed here */
  check(manifest: Manifest): void
  readonly log: Log
}

export function createManifests({ reads, backoff, store, check, log }: ManifestsDeps): Manifests {
  function isAccepted(
    { value: manifest, provider }: Verified<Manifest>,
    { digest }: WantedManifest,
  ): boolean {
    try {
      check(manifest)
      return true
    } catch (error) {
      const { peer } = provider
      log.warn('a manifest from a peer is not kept, because it would be refused as a push', {
        digest,
        peer,
        err: error,
      })
      return false
    }
  }

  async function keep(wanted: WantedManifest, verified: Verified<Manifest>): Promise<Sources | undefined> {
    if (!isAccepted(verified, wanted)) return undefined
    const { repository, digest } = wanted
    const { bytes, value: manifest, provider } = verified
    const { peer } = provider
    const origins = new Map([[peer, bytes.length]])
    // What the manifest names is pulled when a client asks for it.
    const required = NOTHING_REQUIRED
    await store.manifests.put({ repository, digest, bytes, manifest, tags: [], required, sources: origins })
    backoff.reward(peer)
    log.info('manifest pulled from a peer', { repository, digest, peer, bytes: bytes.length })
    return origins
  }

  return {
    async pull(wanted, options) {
      const verified = await reads.read(wanted, manifestWith(wanted.subject), options)
      return verified && (await keep(wanted, verified))
    },

    async pullFrom(provider, wanted, options) {
      const kind = manifestWith(wanted.subject)
      const verified = await reads.readFrom(provider, wanted.digest, kind, options)
      return verified && (await keep(wanted, verified))
    },
  }
}

/** A manifest; with this subject, if one is given. */
export const manifestWith = (subject?: Digest): ContentKind<Manifest> => ({
  isOffered: ({ mediaType, size }) => mediaType !== undefined && size > 0 && size <= MAX_MANIFEST_SIZE,

  parse(bytes, { mediaType }) {
    const manifest = parse(bytes, mediaType)
    if (subject && manifest.subject?.digest !== subject)
      throw new InvalidClaimError('the manifest has another subject')
    return manifest
  },
})

function parse(bytes: Uint8Array, mediaType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, mediaType)
  } catch (cause) {
    throw new InvalidClaimError('the bytes are not a manifest of the media type that was offered', { cause })
  }
}
