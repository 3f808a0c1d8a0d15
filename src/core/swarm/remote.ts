/** The swarm as the registry sees it. Only shared repositories are looked for, because a lookup reveals them to peers. */

import { delay } from '../async/delay.ts'
import { createSingleFlight } from '../async/singleflight.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Config } from '../config.ts'
import type { Preview, Remote, Sources } from '../store/remote.ts'
import type { Downloads } from './download/downloads.ts'
import type { Manifests } from './manifests.ts'
import type { Previews } from './previews.ts'
import type { Referrers } from './referrers.ts'
import type { SharePolicy } from './serve/share-policy.ts'
import type { Tags } from './tags.ts'

export interface RemoteDeps {
  readonly sharing: SharePolicy
  readonly downloads: Downloads
  readonly manifests: Manifests
  readonly previews: Previews
  readonly tags: Tags
  readonly referrers: Referrers
  readonly settings: Pick<Config['swarm'], 'timeout'>
  /** In milliseconds. */
  tagAge(): number
  /** Aborts when this peer leaves the swarm. */
  readonly closing: AbortSignal
}

/** How long the referrers of one manifest are merged. */
const MERGE_TIMEOUT_MS = 60_000

export function createRemote(deps: RemoteDeps): Remote {
  const { sharing, downloads, manifests, previews, tags, referrers, settings, closing } = deps
  const joinManifest = createSingleFlight<Sources>()
  const joinTag = createSingleFlight<PeerTag>()
  const joinPreview = createSingleFlight<Preview>()
  const joinMerge = createSingleFlight<never>()

  /** The other name of the repository, if that is shared too. */
  const sharedAlias = (alias: string | undefined): string | undefined =>
    alias !== undefined && sharing.sharesRepository(alias) ? alias : undefined

  return {
    async blob(repository, digest, { signal, complete: isComplete, ...given }) {
      if (!sharing.sharesRepository(repository)) return undefined
      return downloads.fetch(repository, digest, { signal, alias: sharedAlias(given.alias), isComplete })
    },

    async manifest(repository, digest, { signal, isNamed = false, ...given }) {
      if (!sharing.sharesRepository(repository)) return undefined
      const alias = sharedAlias(given.alias)
      const start = () => manifests.pull({ repository, alias, digest, isNamed }, { signal: closing })
      return joinManifest(`${repository} ${alias} ${digest} ${isNamed}`, start, signal)
    },

    async tag(repository, tag, { signal }) {
      if (!sharing.sharesRepository(repository)) return undefined
      return joinTag(`${repository} ${tag}`, () => tags.find(repository, tag, { signal: closing }), signal)
    },

    tagAge: deps.tagAge,

    async preview(repository, digest, { signal, what, isNamed = false, ...given }) {
      if (!sharing.sharesRepository(repository)) return undefined
      const wanted = { repository, alias: sharedAlias(given.alias), digest, isNamed, what }
      const start = () => previews.read(wanted, closing)
      return joinPreview(`${repository} ${wanted.alias} ${digest} ${isNamed} ${what}`, start, signal)
    },

    async referrers(repository, subject, { signal }) {
      if (!sharing.sharesRepository(repository)) return
      const limit = AbortSignal.any([closing, AbortSignal.timeout(MERGE_TIMEOUT_MS)])
      const start = () => referrers.merge(repository, subject, { signal: limit }) as Promise<undefined>
      const merged = joinMerge(`${repository} ${subject}`, start, signal)
      await within(settings.timeout, merged)
    },
  }
}

/** `undefined` when it takes longer than so many milliseconds. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T | undefined> {
  const ended = new AbortController()
  try {
    return await Promise.race([work, delay(milliseconds, ended.signal)])
  } finally {
    ended.abort()
  }
}
