/**
 * One claim of what a blob is, followed: its leaves are fetched from those that stand by it into an upload of its own,
 * in one turn or in several, until the whole has the digest or has not. It knows nothing of other claims.
 */

import type { Content, Upload } from '../../blobs/ports.ts'
import { isSingleLeaf, LEAF_SIZE } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import type { DownloadStore } from '../../store/downloads.ts'
import type { PeerBackoff } from '../lookup/peer-backoff.ts'
import type { HashLeaf, Network, PeerId, RangeFetcher } from '../ports.ts'
import { type Claim, InvalidClaimError } from './claim.ts'
import type { Candidate, ClaimGroups } from './claim-groups.ts'
import { WINDOW } from './leaf-window.ts'
import { trueLeaves, wholeLeaves } from './leftover.ts'
import type { Pace } from './pace.ts'
import { createPartialBlob, type PartialBlob } from './partial-blob.ts'
import { createTransfer, Deserted } from './transfer.ts'

export interface ContenderParts {
  readonly digest: Digest
  readonly candidate: Candidate
  readonly network: Network
  readonly claimGroups: ClaimGroups
  /** Those to serve it in; may grow. */
  readonly repositories: ReadonlySet<string>
  readonly store: DownloadStore
  readonly fetchers: readonly RangeFetcher[]
  readonly hashLeaf: HashLeaf
  readonly backoff: PeerBackoff
  /** Milliseconds. */
  readonly stall: number
  /** Of the whole download, and of this claim. */
  readonly pace: Pace
  readonly ownPace: Pace
  /** Whether its upload may be the one that a later start finds; at the first asking only. */
  mayResume(): Promise<boolean>
  isVouched(): Promise<boolean>
  /** Resolves when so many more bytes may come. */
  pass(bytes: number, signal: AbortSignal): Promise<void>
  /** Told of every leaf that is used. */
  onReceive(peer: PeerId, protocol: string, bytes: number): void
  /** Its leaves are known: something of it may be read. */
  onReady(): void
}

export interface Contender {
  readonly candidate: Candidate
  readonly pace: Pace
  /** What is here of it. */
  readonly bytes: number
  /** It has been found false. */
  readonly isFalse: boolean
  /** Once its leaves are known. */
  readonly claim: Claim | undefined
  readonly partialBlob: PartialBlob | undefined
  /** Who gave how many bytes. */
  readonly origins: ReadonlyMap<PeerId, number>
  /** Leaves are on their way in this turn, or it has brought some in it. */
  readonly isOfUse: boolean
  /**
   * A turn. The blob where it is here, verified and durable; `undefined` where the claim is false, or nobody is left who
   * gives more of it. What is here of it stays for the next turn.
   *
   * @throws the signal's reason
   */
  run(signal: AbortSignal): Promise<Content | undefined>
  /** It is over. `isKept`: what has come is left for a later start, if that can find it. */
  end(error: unknown, options: { readonly isKept: boolean }): Promise<void>
}

export function createContender(parts: ContenderParts): Contender {
  const { digest, candidate, claimGroups, store } = parts
  const pace = parts.ownPace
  const origins = new Map<PeerId, number>()
  let claim: Claim | undefined
  let upload: Upload | undefined
  let partialBlob: PartialBlob | undefined
  let isResumable = false
  let isOfUse = true
  let isFalse = false

  /** What an earlier start has left, if that has anything to do with this claim. */
  async function openUpload(claim: Claim): Promise<Upload> {
    isResumable = await parts.mayResume()
    const left = isResumable ? await store.resume(digest) : undefined
    if (!left) return store.begin(digest, { isResumable })
    const kept = await trueLeaves(claim, left, parts.hashLeaf)
    if (kept > 0) {
      await left.truncate(Math.min(kept * LEAF_SIZE, claim.size))
      return left
    }
    await store.keep(digest, left)
    return store.begin(digest, { isResumable: false })
  }

  async function prepare(signal: AbortSignal): Promise<Claim | undefined> {
    claim ??= await claimGroups.claimOf(candidate, signal)
    if (!claim) return undefined
    upload ??= await openUpload(claim)
    partialBlob ??= createPartialBlob(await upload.open(), claim.size)
    const whole = Math.min(wholeLeaves(upload.size, claim) * LEAF_SIZE, claim.size)
    partialBlob.rewind(whole)
    await upload.truncate(whole)
    partialBlob.grow(whole)
    parts.onReady()
    return claim
  }

  async function* governed(
    leaves: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    let count = 0
    for await (const leaf of leaves) {
      isOfUse = true
      await parts.pass(leaf.length, signal)
      if (++count % WINDOW === 0 && !(await store.fit()) && !(await parts.isVouched()))
        throw new RegistryError('UNAVAILABLE', 'it is more than the budget of the cache allows')
      yield leaf
    }
  }

  function noteReceived(peer: PeerId, protocol: string, bytes: number): void {
    origins.set(peer, (origins.get(peer) ?? 0) + bytes)
    parts.onReceive(peer, protocol, bytes)
  }

  function noteBytes(bytes: number): void {
    pace.note(bytes)
    parts.pace.note(bytes)
  }

  async function fetchRest(claim: Claim, signal: AbortSignal): Promise<void> {
    const first = wholeLeaves(upload!.size, claim)
    const transfer = createTransfer({
      ...parts,
      claim,
      first,
      signal,
      onReceive: noteReceived,
      onBytes: noteBytes,
    })
    const unfollow = claimGroups.follow(candidate, transfer.add)
    try {
      const leaves = governed(transfer.leaves(), signal)
      await upload!.append(leaves, { signal, last: true, onProgress: partialBlob!.grow })
    } finally {
      unfollow()
    }
  }

  async function commit({ size, leaves }: Claim): Promise<Content> {
    const { repositories } = parts
    const delivery = { repositories, origins, leaves: isSingleLeaf(digest, size) ? undefined : leaves }
    const content = await store.commit(digest, upload!, delivery)
    upload = undefined
    partialBlob!.complete(content)
    return content
  }

  return {
    candidate,
    pace,
    origins,
    get bytes() {
      return upload?.size ?? 0
    },
    get isFalse() {
      return isFalse
    },
    get claim() {
      return claim
    },
    get partialBlob() {
      return partialBlob
    },
    get isOfUse() {
      return isOfUse
    },

    async run(signal) {
      pace.begin()
      isOfUse = false
      try {
        const claim = await prepare(signal)
        if (!claim) return undefined
        await fetchRest(claim, signal)
        return await commit(claim)
      } catch (error) {
        isFalse = error instanceof InvalidClaimError || isOtherDigest(error)
        if (isFalse) claimGroups.refuse(candidate)
        else if (signal.aborted || !(error instanceof Deserted)) throw error
        return undefined
      }
    },

    async end(error, { isKept }) {
      partialBlob?.fail(error)
      if (!upload) return
      const isWorthIt = isKept && isResumable && upload.size >= LEAF_SIZE
      await (isWorthIt ? store.keep(digest, upload) : store.drop(digest, upload))
      upload = undefined
    },
  }
}

const isOtherDigest = (error: unknown): boolean =>
  error instanceof RegistryError && error.code === 'DIGEST_INVALID'
