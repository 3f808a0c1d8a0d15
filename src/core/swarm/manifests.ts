/** Brings manifests here from peers: nothing of them is kept before digest and form are checked. */
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '../oci/manifest.ts'
import { NOTHING_REQUIRED } from '../store/manifests.ts'
import type { Sources } from '../store/remote.ts'
import type { Store } from '../store/store.ts'
import { InvalidClaimError } from './download/claim.ts'
import type { PeerBackoff } from './lookup/peer-backoff.ts'
import type { Provider } from './lookup/providers.ts'
import type { Kind, SmallReads, Verified, Wanted as WantedBytes } from './small-reads.ts'

interface Waiting {
  readonly signal: AbortSignal
}

export interface Wanted extends WantedBytes {
  /** What it must name as its subject. */
  readonly subject?: Digest
}

export interface Manifests {
  /** From the first holder that gives it. Where it came from; `undefined` where nobody has it. */
  bring(wanted: Wanted, options: Waiting): Promise<Sources | undefined>
  /** From this holder alone. */
  bringFrom(provider: Provider, wanted: Wanted, options: Waiting): Promise<Sources | undefined>
}

export interface ManifestsParts {
  readonly reads: SmallReads
  readonly backoff: PeerBackoff
  readonly store: Store
  /** @throws RegistryError for what would be refused if it were pushed here */
  check(manifest: Manifest): void
  readonly log: Log
}

export function createManifests({ reads, backoff, store, check, log }: ManifestsParts): Manifests {
  function isWelcome({ value: manifest, provider }: Verified<Manifest>, { digest }: Wanted): boolean {
    try {
      check(manifest)
      return true
    } catch (error) {
      log.warn('a manifest from a peer would be refused as a push', {
        digest,
        peer: provider.peer,
        err: error,
      })
      return false
    }
  }

  async function keep(wanted: Wanted, verified: Verified<Manifest>): Promise<Sources | undefined> {
    if (!isWelcome(verified, wanted)) return undefined
    const { repository, digest } = wanted
    const { bytes, value: manifest, provider } = verified
    const { peer } = provider
    const origins = new Map([[peer, bytes.length]])
    // What it needs comes when it is asked for.
    const required = NOTHING_REQUIRED
    await store.manifests.put({ repository, digest, bytes, manifest, tags: [], required, origins })
    backoff.reward(peer)
    log.info('manifest pulled from a peer', { repository, digest, peer, bytes: bytes.length })
    return origins
  }

  return {
    async bring(wanted, options) {
      const verified = await reads.read(wanted, manifestWith(wanted.subject), options)
      return verified && (await keep(wanted, verified))
    },

    async bringFrom(provider, wanted, options) {
      const kind = manifestWith(wanted.subject)
      const verified = await reads.readFrom(provider, wanted.digest, kind, options)
      return verified && (await keep(wanted, verified))
    },
  }
}

/** A manifest, with this subject if one is given. */
export const manifestWith = (subject?: Digest): Kind<Manifest> => ({
  isOffered: ({ mediaType, size }) => mediaType !== undefined && size > 0 && size <= MAX_MANIFEST_SIZE,

  parse(bytes, { mediaType }) {
    const manifest = parse(bytes, mediaType)
    if (subject && manifest.subject?.digest !== subject) throw new InvalidClaimError('its subject is another')
    return manifest
  },
})

function parse(bytes: Uint8Array, mediaType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, mediaType)
  } catch (cause) {
    throw new InvalidClaimError('it is no manifest of the type that it claimed', { cause })
  }
}
