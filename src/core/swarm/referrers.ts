/**
 * Signatures, SBOMs and attestations of a manifest, whoever received them: a set that every peer adds to and that
 * only grows.
 */
import type { Catalog } from '../catalog/catalog.ts'
import type { Config } from '../config.ts'
import type { Log } from '../log.ts'
import type { Digest } from '../oci/digest.ts'
import { ask } from './ask.ts'
import { inParallel } from './in-parallel.ts'
import type { Manifests } from './manifests.ts'
import { haveSchema, type Offer, referrersSchema } from './messages.ts'
import type { Network, PeerId } from './ports.ts'
import type { Standing } from './standing.ts'

export interface Referrers {
  /** Brings into the repository what refers to `subject` at the peers that are connected. Never fails. */
  merge(repository: string, subject: Digest, options: { readonly signal: AbortSignal }): Promise<void>
}

export interface ReferrersParts {
  readonly network: Network
  readonly standing: Standing
  readonly manifests: Manifests
  readonly catalog: Pick<Catalog, 'manifests' | 'sharing'>
  readonly settings: Pick<Config['swarm'], 'stall'>
  readonly log: Log
}

/** New ones from one peer at a time: a peer may make up as many as it likes. */
const MOST_NEW = 64

/** Of one manifest: beyond it, no more are taken from peers. */
const MOST_REFERRERS = 1000

const AT_ONCE = 4

export function createReferrers(parts: ReferrersParts): Referrers {
  const { network, standing, manifests, catalog, settings, log } = parts

  /** What the peer knows of and this repository lacks, and how the peer offers it. */
  async function findNew(
    peer: PeerId,
    repository: string,
    subject: Digest,
    signal: AbortSignal,
  ): Promise<(readonly [Digest, Offer | null | undefined])[]> {
    const question = { ask: 'referrers', digest: subject } as const
    const { digests } = await ask(network, peer, question, referrersSchema, { signal })
    const missing = (await catalog.manifests.missingManifests(repository, digests)) as Digest[]
    const wanted = missing.slice(0, MOST_NEW)
    if (wanted.length === 0) return []
    const { offers } = await ask(network, peer, { ask: 'have', digests: wanted }, haveSchema, { signal })
    return wanted.map((digest, position) => [digest, offers[position]] as const)
  }

  async function mergeFrom(
    peer: PeerId,
    repository: string,
    subject: Digest,
    taken: Set<Digest>,
    signal: AbortSignal,
  ): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(settings.stall)])
    const found = await findNew(peer, repository, subject, limit)
    await inParallel(AT_ONCE, found, async ([digest, offer]) => {
      if (!offer || taken.has(digest) || standing.asideOf(peer)) return
      taken.add(digest)
      const brought = await manifests.bringFrom({ peer, offer }, { repository, digest, subject }, { signal })
      if (!brought) taken.delete(digest)
    })
  }

  return {
    async merge(repository, subject, { signal }) {
      if ((await catalog.sharing.countReferrers(repository, subject)) >= MOST_REFERRERS) return
      const taken = new Set<Digest>()
      const peers = network.peers().filter((peer) => !standing.asideOf(peer))
      const merges = peers.map((peer) =>
        mergeFrom(peer, repository, subject, taken, signal).catch((error: unknown) =>
          log.debug('referrers of a peer were not merged', { peer, subject, err: error }),
        ),
      )
      await Promise.all(merges)
    },
  }
}
