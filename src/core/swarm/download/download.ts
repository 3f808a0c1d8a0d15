/** The life of one download: looked for, found, brought, linked wherever it was asked for; and what is told of it. */
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import type { RemoteBlob } from '../../store/remote.ts'
import type { Store } from '../../store/store.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { ContentRouting } from '../lookup/providers.ts'
import type { HashLeaf, Network, PeerId, RangeFetcher } from '../ports.ts'
import type { PartialOffer } from '../serve/slots.ts'
import { createAdmission } from './admission.ts'
import type { Budget } from './budget.ts'
import { createClaimGroups } from './claim-groups.ts'
import type { Contender } from './contender.ts'
import { createContest, type Win } from './contest.ts'
import type { DownloadSlots } from './download-slots.ts'
import { createInterest } from './interest.ts'
import { createPace } from './pace.ts'

export interface Download extends RemoteBlob {
  /** Resolves when the blob is here, verified, durable and linked; rejects where it could not be had. */
  readonly done: Promise<void>
}

export interface Job {
  /** Those that it is to be served in. */
  readonly repositories: Set<string>
  readonly connectedOnly: boolean
  /** Makes a download of what was found: one for each caller, as another claim may turn out to be the true one. */
  readonly found: Promise<(() => Download) | undefined>
  /** What has come so far, once anything is known of it. */
  readonly partial: PartialOffer | undefined
  /** It is over, and only tidies up. */
  readonly hasFailed: boolean
  /** Never rejects. */
  readonly ended: Promise<void>
}

export interface DownloadDeps {
  readonly network: Network
  /** The fastest first. */
  readonly fetchers: readonly RangeFetcher[]
  readonly routing: ContentRouting
  readonly backoff: PeerBackoff
  readonly store: Pick<Store, 'downloads' | 'catalog' | 'statedSizes'>
  readonly hashLeaf: HashLeaf
  readonly settings: Pick<Config['swarm'], 'stall' | 'largest'>
  readonly log: Log
  /** Told of every leaf that is used. */
  readonly onReceive?: (peer: PeerId, protocol: string, bytes: number) => void
  readonly connectedOnly: boolean
  readonly signal: AbortSignal
  readonly slots: { readonly small: DownloadSlots; readonly large: DownloadSlots }
  /** Memory for lists of leaves. */
  readonly lists: Budget
  /** Somebody waits to hear whether it is found. */
  isAwaited(): boolean
  /** Called when nothing can be joined any more. */
  onEnd(): void
}

/** Milliseconds of the first turn with a slot, if others wait for it. */
const TURN = 1000

export function createDownload(digest: Digest, parts: DownloadDeps): Job {
  const { store, connectedOnly, log, slots } = parts
  const { stall } = parts.settings
  const start = performance.now()
  const repositories = new Set<string>()
  let found = promise<(() => Download) | undefined>()
  const done = promise<void>()
  const leaving = new AbortController()
  const signal = AbortSignal.any([parts.signal, leaving.signal])
  const admission = createAdmission(digest, { ...parts, repositories })
  const claimGroups = createClaimGroups(digest, { ...parts, ...admission, limit: stall })
  const pace = createPace(TURN)
  /** The one that readers are given. */
  let shown: Contender | undefined
  let hasFailed = false

  const interest = createInterest({
    isAttended: () => parts.isAwaited() || (shown?.partialBlob?.hasReaders ?? false),
    isVouched: () => admission.isVouched(),
    onLost: () => leaving.abort(new RegistryError('UNAVAILABLE', 'nobody waits for it any more')),
  })

  const contest = createContest({
    ...parts,
    digest,
    signal,
    claimGroups,
    repositories,
    stall,
    pace,
    store: store.downloads,
    isVouched: admission.isVouched,
    pass: interest.pass,
    onReceive: parts.onReceive ?? (() => {}),
    onShown: tell,
  })

  /** Whoever asks after something was found false waits for what is shown next. */
  function tell(contender: Contender | undefined): void {
    if (!contender) found = promise()
    shown = contender
    if (contender) found.resolve(() => downloadOf(shown ?? contender))
  }

  async function run(): Promise<void> {
    void claimGroups.search({ signal, connectedOnly })
    while (claimGroups.isSearching && claimGroups.usable().length === 0) await claimGroups.wait()
    signal.throwIfAborted()
    if (claimGroups.usable().length === 0) return nothing()
    const { contender } = await bring()
    await linkAll()
    tell(contender)
    done.resolve()
    log.info('blob brought from the swarm', fields())
  }

  function nothing(): void {
    parts.onEnd()
    found.resolve(undefined)
  }

  /** Whenever others are to have the slot, it goes on in its next turn. */
  async function bring(): Promise<Win> {
    for (;;) {
      const line = contest.isLarge ? slots.large : slots.small
      const isUrgent = await admission.isVouched()
      const win = await line.hold((slot) => contest.run(slot.signal), { signal, pace, isUrgent })
      if (win) return win
    }
  }

  async function fail(error: unknown): Promise<void> {
    hasFailed = true
    done.reject(error)
    if (!parts.signal.aborted) log.warn('blob not brought from the swarm', { ...fields(), err: error })
    await contest.close(error)
    if (isUnavailable(error)) return nothing()
    parts.onEnd()
    found.reject(error)
  }

  function downloadOf({ candidate, partialBlob, origins }: Contender): Download {
    const { size } = candidate
    return { size, stream: (range) => partialBlob!.stream(range), sources: () => origins, done: done.promise }
  }

  /** Also for those who ask while it is being committed. All of it was had from peers, so it is theirs to have. */
  async function linkAll(): Promise<void> {
    for (const repository of repositories) {
      const isLinked = (await store.catalog.blobs.sizeIn(repository, digest)) !== undefined
      if (!isLinked) await store.downloads.link(repository, digest)
    }
    parts.onEnd()
  }

  const fields = () => ({
    digest,
    repositories: [...repositories],
    peers: Object.fromEntries(shown?.origins ?? []),
    milliseconds: Math.round(performance.now() - start),
  })

  const ended = run()
    .catch(fail)
    .catch((error) => log.warn('a download was not tidied up', { digest, err: error }))
    .finally(interest.close)

  return {
    repositories,
    connectedOnly,
    get found() {
      return found.promise
    },
    ended,
    get partial() {
      const contender = shown ?? contest.foremost
      return hasFailed || !contender ? undefined : partialOf(contender)
    },
    get hasFailed() {
      return hasFailed
    },
  }
}

/** One that is not missed where it rejects and nobody has asked. */
function promise<T>(): PromiseWithResolvers<T> {
  const made = Promise.withResolvers<T>()
  made.promise.catch(() => {})
  return made
}

function partialOf({ candidate: { size }, claim, partialBlob }: Contender): PartialOffer {
  const { readUnverified: early, progress } = partialBlob!
  const content = { size, stream: (range = { start: 0, end: size - 1 }) => early(range) }
  return { offer: { size, ...(claim?.root && { root: claim.root }) }, content, progress }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'UNAVAILABLE'
