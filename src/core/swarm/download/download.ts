/** The life of one download: the blob is looked for, found, fetched, and linked in each repository that wants it. */
import { raceSignal } from '../../async/abortable.ts'
import type { Config } from '../../config.ts'
import type { Log } from '../../log.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import type { RemoteBlob } from '../../store/remote.ts'
import type { Store } from '../../store/store.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { ContentRouting } from '../lookup/providers.ts'
import type { HashLeaf, Network, RangeFetcher } from '../ports.ts'
import type { PartialOffer } from '../serve/slots.ts'
import { type Admission, createAdmission } from './admission.ts'
import type { Attempt } from './attempt.ts'
import type { LeafListBudget } from './claim.ts'
import { ClaimGroups } from './claim-groups.ts'
import { ClaimRace } from './claim-race.ts'
import { Demand } from './demand.ts'
import type { DownloadSlots } from './download-slots.ts'
import { Throughput } from './throughput.ts'

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
  /** Only peers that are connected already are asked. */
  readonly connectedOnly: boolean
  readonly signal: AbortSignal
  readonly slots: { readonly small: DownloadSlots; readonly large: DownloadSlots }
  readonly leafLists: LeafListBudget
  /** Somebody waits to hear whether it's found. */
  isAwaited(): boolean
  /** Called when the download can't be joined any more. */
  onEnd(): void
}

/** Milliseconds of the first time slice in a slot, if other downloads wait for it. */
const FIRST_SLICE_MS = 1000

export class Download {
  /** Those that want the blob. */
  readonly repositories = new Set<string>()
  /** Resolves when there is nothing left to tidy up. Never rejects. */
  readonly ended: Promise<void>
  readonly #digest: Digest
  readonly #deps: DownloadDeps
  readonly #startedAt = performance.now()
  readonly #signal: AbortSignal
  readonly #admission: Admission
  readonly #claimGroups: ClaimGroups
  readonly #throughput = new Throughput(FIRST_SLICE_MS)
  readonly #demand: Demand
  readonly #race: ClaimRace
  readonly #done = withResolvers<void>()
  #found = withResolvers<Attempt | undefined>()
  /** The attempt that readers get their bytes from. */
  #visible: Attempt | undefined
  #hasFailed = false

  constructor(digest: Digest, deps: DownloadDeps) {
    const { repositories } = this
    const { settings, store } = deps
    const unwanted = new AbortController()
    this.#digest = digest
    this.#deps = deps
    this.#signal = AbortSignal.any([deps.signal, unwanted.signal])
    this.#admission = createAdmission(digest, { ...deps, repositories })
    this.#claimGroups = new ClaimGroups(digest, { ...deps, ...this.#admission, limit: settings.stall })
    this.#demand = new Demand({
      isAttended: () => this.#isAttended,
      isVouched: () => this.#admission.isVouched(),
      onLost: () => unwanted.abort(new RegistryError('UNAVAILABLE', 'nobody waits for the blob any more')),
    })
    this.#race = new ClaimRace({
      ...deps,
      digest,
      repositories,
      signal: this.#signal,
      claimGroups: this.#claimGroups,
      stall: settings.stall,
      downloadThroughput: this.#throughput,
      store: store.downloads,
      isVouched: (size) => this.#admission.isVouched(size),
      pass: (bytes, signal) => this.#demand.pass(bytes, signal),
      onVisible: (attempt) => this.#show(attempt),
    })
    this.ended = this.#run()
      .catch((error) => this.#fail(error))
      .catch((error) => deps.log.warn('a failed download could not be tidied up', { digest, err: error }))
      .finally(() => this.#demand.close())
  }

  get connectedOnly(): boolean {
    return this.#deps.connectedOnly
  }

  /** It's over, and only tidies up. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** What has arrived so far, once anything is known of it. */
  get partial(): PartialOffer | undefined {
    const attempt = this.#visible ?? this.#race.foremost
    return this.#hasFailed || !attempt ? undefined : partialOf(attempt)
  }

  /**
   * What readers may have of the blob from now on; `undefined` if no peer has it. If that turns out to be false, those that
   * ask again get what another claim has brought.
   */
  async find(signal: AbortSignal): Promise<RemoteBlob | undefined> {
    const attempt = await raceSignal(this.#found.promise, signal)
    return attempt && this.#remoteBlobOf(this.#visible ?? attempt)
  }

  get #isAttended(): boolean {
    return this.#deps.isAwaited() || (this.#visible?.partialBlob?.hasReaders ?? false)
  }

  async #run(): Promise<void> {
    const claimGroups = this.#claimGroups
    void claimGroups.search({ signal: this.#signal, connectedOnly: this.connectedOnly })
    while (claimGroups.isSearching && claimGroups.usable().length === 0) await claimGroups.wait()
    this.#signal.throwIfAborted()
    if (claimGroups.usable().length === 0) return this.#endUnfound()
    const attempt = await this.#fetch()
    await this.#linkAll()
    this.#show(attempt)
    this.#done.resolve()
    this.#deps.log.info('blob downloaded from peers', this.#logFields())
  }

  /** When another download is to have the slot, it goes on in its next time slice. */
  async #fetch(): Promise<Attempt> {
    for (;;) {
      const slots = this.#race.isLarge ? this.#deps.slots.large : this.#deps.slots.small
      const isUrgent = await this.#admission.isVouched()
      const options = { signal: this.#signal, throughput: this.#throughput, isUrgent }
      const winner = await slots.run((slot) => this.#race.run(slot.signal), options)
      if (winner) return winner
    }
  }

  /** After a false attempt, those that ask wait for the next that becomes visible. */
  #show(attempt: Attempt | undefined): void {
    if (!attempt) this.#found = withResolvers()
    this.#visible = attempt
    if (attempt) this.#found.resolve(attempt)
  }

  /** Peers gave all of it, so it's linked also for those that ask while it's being committed. */
  async #linkAll(): Promise<void> {
    const { store, onEnd } = this.#deps
    for (const repository of this.repositories) {
      const isLinked = (await store.catalog.blobs.sizeIn(repository, this.#digest)) !== undefined
      if (!isLinked) await store.downloads.link(repository, this.#digest)
    }
    onEnd()
  }

  #endUnfound(): void {
    this.#deps.onEnd()
    this.#found.resolve(undefined)
  }

  async #fail(error: unknown): Promise<void> {
    const { log, signal, onEnd } = this.#deps
    this.#hasFailed = true
    this.#done.reject(error)
    if (!signal.aborted)
      log.warn('blob could not be downloaded from peers', { ...this.#logFields(), err: error })
    await this.#race.close(error)
    if (isUnavailable(error)) return this.#endUnfound()
    onEnd()
    this.#found.reject(error)
  }

  #remoteBlobOf({ group, partialBlob, sources }: Attempt): RemoteBlob {
    return {
      size: group.size,
      stream: (range) => partialBlob!.stream(range),
      sources: () => sources,
      done: this.#done.promise,
    }
  }

  #logFields() {
    return {
      digest: this.#digest,
      repositories: [...this.repositories],
      peers: Object.fromEntries(this.#visible?.sources ?? []),
      milliseconds: Math.round(performance.now() - this.#startedAt),
    }
  }
}

/** Rejections that nobody waits for are no error. */
function withResolvers<T>(): PromiseWithResolvers<T> {
  const resolvers = Promise.withResolvers<T>()
  resolvers.promise.catch(() => {})
  return resolvers
}

function partialOf({ group: { size }, claim, partialBlob }: Attempt): PartialOffer {
  return {
    offer: { size, ...(claim?.root && { root: claim.root }) },
    content: { size, stream: (range = { start: 0, end: size - 1 }) => partialBlob!.readUnverified(range) },
    progress: (signal) => partialBlob!.progress(signal),
  }
}

const isUnavailable = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'UNAVAILABLE'
