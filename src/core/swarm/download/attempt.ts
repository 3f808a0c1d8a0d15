/**
 * The attempt to download a blob as one group of peers claims it to be: leaves from these peers go into an upload, in one
 * time slice or several, until the bytes turn out to have the digest or not. It knows nothing of other claims.
 */
import type { Content, Upload } from '../../blobs/ports.ts'
import { isSingleLeaf, LEAF_SIZE } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import type { DownloadStore } from '../../store/downloads.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { HashLeaf, Network, PeerId, RangeFetcher } from '../ports.ts'
import { type Claim, InvalidClaimError } from './claim.ts'
import type { ClaimGroup, ClaimGroups } from './claim-groups.ts'
import { WINDOW_LEAVES } from './leaf-window.ts'
import { PartialBlob } from './partial-blob.ts'
import { completeLeaves, resumeUpload } from './resume.ts'
import { LeafScheduler, SourcesExhaustedError } from './scheduler.ts'
import type { Throughput } from './throughput.ts'

export interface AttemptDeps {
  readonly digest: Digest
  readonly group: ClaimGroup
  readonly network: Network
  readonly claimGroups: ClaimGroups
  /** Those that want the blob. More may be added. */
  readonly repositories: ReadonlySet<string>
  readonly store: DownloadStore
  readonly fetchers: readonly RangeFetcher[]
  readonly hashLeaf: HashLeaf
  readonly backoff: PeerBackoff
  /** Milliseconds without a byte after which a peer has failed. */
  readonly stall: number
  /** Of the whole download, and of this attempt. */
  readonly downloadThroughput: Throughput
  readonly throughput: Throughput
  /** Whether its upload may be the one that a later download finds. Asked once. */
  mayResume(): Promise<boolean>
  isVouched(): Promise<boolean>
  /** Resolves when so many more bytes may be taken. */
  pass(bytes: number, signal: AbortSignal): Promise<void>
  /** Called for each leaf that is used, with its length. */
  onLeaf(bytes: number): void
  /** Called when its leaves are known, so something of it may be read. */
  onReadable(): void
}

export class Attempt {
  readonly #deps: AttemptDeps
  /** How many bytes each peer has given. */
  readonly #sources = new Map<PeerId, number>()
  #claim: Claim | undefined
  #upload: Upload | undefined
  #partialBlob: PartialBlob | undefined
  #isResumable = false
  #isRunning = false
  #isUseful = true
  #isFalse = false

  constructor(deps: AttemptDeps) {
    this.#deps = deps
  }

  get group(): ClaimGroup {
    return this.#deps.group
  }

  get throughput(): Throughput {
    return this.#deps.throughput
  }

  get sources(): ReadonlyMap<PeerId, number> {
    return this.#sources
  }

  /** How many bytes have been written. */
  get bytes(): number {
    return this.#upload?.size ?? 0
  }

  /** Once its leaves are known. */
  get claim(): Claim | undefined {
    return this.#claim
  }

  /** Once its leaves are known. */
  get partialBlob(): PartialBlob | undefined {
    return this.#partialBlob
  }

  /** The claim has been found false. */
  get isFalse(): boolean {
    return this.#isFalse
  }

  /** It has a time slice. */
  get isRunning(): boolean {
    return this.#isRunning
  }

  /** A leaf has arrived in this time slice, or the slice ended before one could. */
  get isUseful(): boolean {
    return this.#isUseful
  }

  /**
   * Runs for one time slice. Gives the blob if it's complete, verified and durable; `undefined` if the claim is false, or
   * no peer is left that gives more of it. What has been written stays for the next slice.
   *
   * @throws the signal's reason
   */
  async run(signal: AbortSignal): Promise<Content | undefined> {
    this.throughput.beginSlice()
    this.#isRunning = true
    this.#isUseful = false
    try {
      const claim = await this.#prepare(signal)
      if (!claim) return undefined
      await this.#fetchRest(claim, signal)
      return await this.#commit(claim)
    } catch (error) {
      this.#isFalse = error instanceof InvalidClaimError || isOtherDigest(error)
      if (this.#isFalse) this.#deps.claimGroups.reject(this.group)
      else if (signal.aborted || !(error instanceof SourcesExhaustedError)) throw error
      return undefined
    } finally {
      this.#isRunning = false
    }
  }

  /** Ends its readers. `isKept`: what has been written is left for a later download, if that can find it. */
  async end(error: unknown, { isKept }: { readonly isKept: boolean }): Promise<void> {
    const { store, digest } = this.#deps
    this.#partialBlob?.fail(error)
    if (!this.#upload) return
    const isWorthKeeping = isKept && this.#isResumable && this.#upload.size >= LEAF_SIZE
    await (isWorthKeeping ? store.keep(digest, this.#upload) : store.drop(digest, this.#upload))
    this.#upload = undefined
  }

  /** The claim, once there is an upload that ends after a complete leaf. */
  async #prepare(signal: AbortSignal): Promise<Claim | undefined> {
    this.#claim ??= await this.#deps.claimGroups.claimOf(this.group, signal)
    if (!this.#claim) return undefined
    const claim = this.#claim
    this.#upload ??= await this.#openUpload(claim)
    this.#partialBlob ??= new PartialBlob(await this.#upload.open(), claim.size)
    const complete = Math.min(completeLeaves(this.#upload.size, claim) * LEAF_SIZE, claim.size)
    this.#partialBlob.rewind(complete)
    await this.#upload.truncate(complete)
    this.#partialBlob.grow(complete)
    this.#deps.onReadable()
    return claim
  }

  async #openUpload(claim: Claim): Promise<Upload> {
    const { store, digest, hashLeaf } = this.#deps
    this.#isResumable = await this.#deps.mayResume()
    if (!this.#isResumable) return store.begin(digest, { isResumable: false })
    return resumeUpload(store, digest, claim, hashLeaf)
  }

  async #fetchRest(claim: Claim, signal: AbortSignal): Promise<void> {
    const { claimGroups } = this.#deps
    const upload = this.#upload!
    const partialBlob = this.#partialBlob!
    const scheduler = new LeafScheduler({
      ...this.#deps,
      claim,
      first: completeLeaves(upload.size, claim),
      signal,
      onLeaf: (peer, bytes) => this.#countLeaf(peer, bytes),
      onBytes: (bytes) => this.#countBytes(bytes),
    })
    const unfollow = claimGroups.follow(this.group, (provider) => scheduler.add(provider))
    try {
      const leaves = this.#limited(scheduler.leaves(), signal)
      const onProgress = (length: number) => partialBlob.grow(length)
      await upload.append(leaves, { signal, last: true, onProgress })
    } finally {
      unfollow()
      scheduler.close()
    }
  }

  /** Leaves, as fast as there is demand for them and space on the disk. */
  async *#limited(leaves: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const { store, pass, isVouched } = this.#deps
    let count = 0
    for await (const leaf of leaves) {
      this.#isUseful = true
      await pass(leaf.length, signal)
      if (++count % WINDOW_LEAVES === 0 && !(await store.enforceBudget()) && !(await isVouched()))
        throw new RegistryError('UNAVAILABLE', 'the blob is larger than the budget of the cache allows')
      yield leaf
    }
  }

  #countLeaf(peer: PeerId, bytes: number): void {
    this.#sources.set(peer, (this.#sources.get(peer) ?? 0) + bytes)
    this.#deps.onLeaf(bytes)
  }

  #countBytes(bytes: number): void {
    this.throughput.add(bytes)
    this.#deps.downloadThroughput.add(bytes)
  }

  async #commit({ size, leaves }: Claim): Promise<Content> {
    const { digest, store, repositories } = this.#deps
    const delivery = {
      repositories,
      sources: this.#sources,
      leaves: isSingleLeaf(digest, size) ? undefined : leaves,
    }
    const content = await store.commit(digest, this.#upload!, delivery)
    this.#upload = undefined
    this.#partialBlob!.complete(content)
    return content
  }
}

const isOtherDigest = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'DIGEST_INVALID'
