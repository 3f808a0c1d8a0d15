/** The swarm as the registry sees it. Only what belongs to shared repositories is looked for, since asking tells. */

import { orAborted } from '../async/abortable.ts'
import { delay } from '../async/delay.ts'
import { createSingleFlight } from '../async/singleflight.ts'
import type { PeerTag } from '../catalog/tags.ts'
import type { Config } from '../config.ts'
import type { Preview, Remote, Sources } from '../store/remote.ts'
import type { Download, Downloads } from './download/downloads.ts'
import type { Looking } from './looking.ts'
import type { Belonging } from './lookup/belonging.ts'
import type { Manifests } from './manifests.ts'
import type { Referrers } from './referrers.ts'
import type { SharePolicy } from './serve/share-policy.ts'
import type { Tags } from './tags.ts'

export interface RemoteDeps {
  readonly sharing: SharePolicy
  readonly downloads: Downloads
  readonly manifests: Manifests
  readonly looking: Looking
  readonly belonging: Pick<Belonging, 'belongs'>
  readonly tags: Tags
  readonly referrers: Referrers
  readonly settings: Pick<Config['swarm'], 'timeout'>
  /** Milliseconds. */
  tagAge(): number
  /** Aborts when the swarm is left. */
  readonly closing: AbortSignal
}

/** How long a question for a whole blob may take, in milliseconds. */
const WHOLE_TIMEOUT = 2000

/** How long the referrers of one manifest may go on coming in. */
const MERGE_TIMEOUT = 60_000

export function createRemote(parts: RemoteDeps): Remote {
  const { sharing, downloads, manifests, looking, belonging, tags, referrers, settings, closing } = parts
  const joinBlob = createSingleFlight<Download>()
  const joinManifest = createSingleFlight<Sources>()
  const joinTag = createSingleFlight<PeerTag>()
  const joinLook = createSingleFlight<Preview>()
  const joinMerge = createSingleFlight<never>()

  const shared = (alias: string | undefined): string | undefined =>
    alias !== undefined && sharing.sharesRepository(alias) ? alias : undefined

  return {
    async blob(repository, digest, { signal, complete: whole = false, ...given }) {
      if (!sharing.sharesRepository(repository)) return undefined
      const options = { signal: closing, connectedOnly: whole, isUnattended: true }
      const alias = shared(given.alias)
      const start = async () => {
        const isThere = await belonging.belongs({ repository, alias }, digest, options)
        return isThere ? downloads.fetch(repository, digest, options) : undefined
      }
      const leave = downloads.attend(digest)
      try {
        const download = await joinBlob(`${repository} ${alias} ${digest} ${whole}`, start, signal)
        return download && (!whole || (await isDone(download, signal))) ? download : undefined
      } finally {
        leave()
      }
    },

    async manifest(repository, digest, { signal, isNamed = false, ...given }) {
      if (!sharing.sharesRepository(repository)) return undefined
      const alias = shared(given.alias)
      const start = () => manifests.bring({ repository, alias, digest, isNamed }, { signal: closing })
      return joinManifest(`${repository} ${alias} ${digest} ${isNamed}`, start, signal)
    },

    async tag(repository, tag, { signal }) {
      if (!sharing.sharesRepository(repository)) return undefined
      return joinTag(`${repository} ${tag}`, () => tags.find(repository, tag, { signal: closing }), signal)
    },

    tagAge: parts.tagAge,

    async preview(repository, digest, { signal, what, isNamed = false, ...given }) {
      if (!sharing.sharesRepository(repository)) return undefined
      const wanted = { repository, alias: shared(given.alias), digest, isNamed, what }
      const start = () => looking.look(wanted, closing)
      return joinLook(`${repository} ${wanted.alias} ${digest} ${isNamed} ${what}`, start, signal)
    },

    async referrers(repository, subject, { signal }) {
      if (!sharing.sharesRepository(repository)) return
      const limit = AbortSignal.any([closing, AbortSignal.timeout(MERGE_TIMEOUT)])
      const start = () => referrers.merge(repository, subject, { signal: limit }) as Promise<undefined>
      const merged = joinMerge(`${repository} ${subject}`, start, signal)
      await within(settings.timeout, merged)
    },
  }
}

async function isDone({ done }: Download, signal: AbortSignal | undefined): Promise<boolean> {
  const ended = done.then(
    () => true,
    () => false,
  )
  const inTime = within(WHOLE_TIMEOUT, ended)
  return (await (signal ? orAborted(inTime, signal) : inTime)) ?? false
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
