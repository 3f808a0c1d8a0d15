/**
 * Brings manifests here from peers. They are small and are parsed whole, so they do not go the way of blobs; nothing
 * of them is kept before digest and form are checked.
 */
import { untilAborted } from '../blobs/until-aborted.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import { algorithmOf, type Digest, type DigestOf } from '../oci/digest.ts'
import { MAX_MANIFEST_SIZE, type Manifest, parseManifest } from '../oci/manifest.ts'
import type { Origins } from '../store/elsewhere.ts'
import { NOTHING_REQUIRED } from '../store/manifests.ts'
import type { Store } from '../store/store.ts'
import { type Belonging, namesOf, type Place } from './belonging.ts'
import { Lie } from './claims.ts'
import type { Finder, Holder } from './holders.ts'
import { rangeSchema } from './messages.ts'
import { pause } from './pause.ts'
import type { Network } from './ports.ts'
import { askPeer } from './question.ts'
import type { Standing } from './standing.ts'

interface Waiting {
  readonly signal: AbortSignal
}

export interface Wanted extends Place {
  readonly digest: Digest
  /** A tag of the repository names it, so that it belongs there wherever it comes from. */
  readonly isNamed?: boolean
  /** What it must name as its subject. */
  readonly subject?: Digest
}

export interface Manifests {
  /** From the first holder that gives it. Where it came from; `undefined` where nobody has it. */
  bring(wanted: Wanted, options: Waiting): Promise<Origins | undefined>
  /** From this holder alone. */
  bringFrom(holder: Holder, wanted: Wanted, options: Waiting): Promise<Origins | undefined>
}

export interface ManifestsParts {
  readonly network: Network
  readonly finder: Finder
  readonly belonging: Pick<Belonging, 'isKnown'>
  readonly standing: Standing
  readonly store: Store
  readonly digestOf: DigestOf
  /** @throws RegistryError for what would be refused if it were pushed here */
  check(manifest: Manifest): void
  readonly settings: Pick<Config['swarm'], 'timeout' | 'stall'>
  readonly log: Log
}

interface Verified {
  readonly bytes: Uint8Array
  readonly manifest: Manifest
  readonly holder: Holder
}

/** Holders that are waited for at once: the next is tried when one takes long. */
const MOST_ATTEMPTS = 4

export function createManifests(parts: ManifestsParts): Manifests {
  const { network, finder, belonging, standing, store, digestOf, settings, log } = parts

  /** Never fails: a holder that does is put aside, and the log says why. */
  async function attempt(holder: Holder, wanted: Wanted, { signal }: Waiting): Promise<Verified | undefined> {
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
      const bytes = await read(network, holder, wanted.digest, limit)
      return bytes && { bytes, holder, manifest: await verify(bytes, holder, wanted, digestOf) }
    } catch (error) {
      if (signal.aborted) return undefined
      standing.putAside(holder.peer, error instanceof Lie ? 'lied' : 'failed', String(error))
      log.debug('a peer did not give a manifest', { peer: holder.peer, digest: wanted.digest, err: error })
      return undefined
    }
  }

  async function findVerified(wanted: Wanted, signal: AbortSignal): Promise<Verified | undefined> {
    const attempts: Promise<Verified | undefined>[] = []
    const isAnywhere = wanted.isNamed || (await belonging.isKnown(wanted.repository, wanted.digest))
    const repositories = isAnywhere ? undefined : namesOf(wanted)
    for await (const holder of finder.find(wanted.digest, { signal, repositories })) {
      if (!mayBeManifest(holder)) continue
      attempts.push(attempt(holder, wanted, { signal }))
      const patience = attempts.length < MOST_ATTEMPTS ? settings.timeout : settings.stall
      const verified = await Promise.race([firstOf(attempts), pause(patience, signal)])
      if (verified) return verified
    }
    return firstOf(attempts)
  }

  function isWelcome({ manifest, holder }: Verified, { digest }: Wanted): boolean {
    try {
      parts.check(manifest)
      return true
    } catch (error) {
      log.warn('a manifest from a peer would be refused as a push', { digest, peer: holder.peer, err: error })
      return false
    }
  }

  async function keep(wanted: Wanted, verified: Verified): Promise<Origins | undefined> {
    if (!isWelcome(verified, wanted)) return undefined
    const { repository, digest } = wanted
    const { bytes, manifest, holder } = verified
    const { peer } = holder
    const origins = new Map([[peer, bytes.length]])
    // What it needs comes when it is asked for.
    const required = NOTHING_REQUIRED
    await store.manifests.put({ repository, digest, bytes, manifest, tags: [], required, origins })
    standing.proved(peer)
    log.info('manifest pulled from a peer', { repository, digest, peer, bytes: bytes.length })
    return origins
  }

  return {
    async bring(wanted, { signal }) {
      const done = new AbortController()
      const limit = AbortSignal.timeout(2 * settings.stall)
      try {
        const verified = await findVerified(wanted, AbortSignal.any([signal, done.signal, limit]))
        return verified && (await keep(wanted, verified))
      } finally {
        done.abort()
      }
    },

    async bringFrom(holder, wanted, options) {
      const verified = mayBeManifest(holder) ? await attempt(holder, wanted, options) : undefined
      return verified && (await keep(wanted, verified))
    },
  }
}

const mayBeManifest = ({ offer }: Holder): boolean =>
  offer.mediaType !== undefined && offer.size > 0 && offer.size <= MAX_MANIFEST_SIZE

/** The first that has a result; `undefined` when all have ended without one. None of them fails. */
async function firstOf<T>(attempts: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const successes = attempts.map(async (attempt) => (await attempt) ?? Promise.reject())
  return Promise.any(successes).catch(() => undefined)
}

/** `undefined` where the peer does not have it any more. */
async function read(
  network: Network,
  { peer, offer }: Holder,
  digest: Digest,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const question = { ask: 'range', digest, start: 0, end: offer.size - 1 } as const
  const { value, bytes } = await askPeer(network, peer, question, signal)
  const whole = new Uint8Array(offer.size)
  let filled = 0
  for await (const chunk of untilAborted(bytes, signal)) {
    if (filled + chunk.length > whole.length) throw new Lie('it sent more than it offered')
    whole.set(chunk, filled)
    filled += chunk.length
  }
  if (value === null) return undefined
  const { size, length } = rangeSchema.parse(value)
  if (size !== offer.size || length !== offer.size) throw new Lie('its size is not what it offered')
  if (filled < length) throw new Error('it broke off')
  return whole
}

/** @throws Lie where the bytes are not what was asked for, or of another type than the peer claimed */
async function verify(
  bytes: Uint8Array<ArrayBuffer>,
  { offer }: Holder,
  { digest, subject }: Wanted,
  digestOf: DigestOf,
): Promise<Manifest> {
  if ((await digestOf(bytes, algorithmOf(digest))) !== digest) throw new Lie('its digest is another')
  const manifest = parse(bytes, offer.mediaType)
  if (subject && manifest.subject?.digest !== subject) throw new Lie('its subject is another')
  return manifest
}

function parse(bytes: Uint8Array, mediaType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, mediaType)
  } catch (cause) {
    throw new Lie('it is no manifest of the type that it claimed', { cause })
  }
}
