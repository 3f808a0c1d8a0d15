/**
 * Which of several attempts readers get their bytes from. Separate from which attempts run because this rule alone keeps
 * false bytes from readers. What arrives by a claim is visible while nothing contradicts it. With two claims at hand, which
 * of them is true shows only at the end.
 */
import { isSingleLeaf } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Attempt } from './attempt.ts'
import type { Attempts } from './attempts.ts'
import type { ClaimGroup, ClaimGroups } from './claim-groups.ts'
import { isMuchSlower } from './throughput.ts'

export interface VisibleAttemptDeps {
  readonly digest: Digest
  readonly attempts: Pick<Attempts, 'throughputOf'>
  readonly claimGroups: Pick<ClaimGroups, 'hasHeardNearby'>
  /** All claims that may be true. */
  rivals(): readonly ClaimGroup[]
  /** Called with the attempt that is read from now on; `undefined` if what was read so far is false. */
  onVisible(attempt: Attempt | undefined): void
}

export class VisibleAttempt {
  readonly #deps: VisibleAttemptDeps
  #visible: Attempt | undefined

  constructor(deps: VisibleAttemptDeps) {
    this.#deps = deps
  }

  /** Chooses one of these, unless one is visible already or other claims contradict it. */
  choose(attempts: Iterable<Attempt>): void {
    for (const attempt of attempts) {
      if (this.#visible || !this.#isReadable(attempt) || !this.#isUndisputed(attempt)) continue
      this.#visible = attempt
      this.#deps.onVisible(attempt)
    }
  }

  /** It was found false. */
  hide(attempt: Attempt): void {
    if (attempt !== this.#visible) return
    this.#visible = undefined
    this.#deps.onVisible(undefined)
  }

  /** A blob of one leaf is visible once it's complete: until then only its size is known, which may be false. */
  #isReadable({ partialBlob, group }: Attempt): boolean {
    return partialBlob !== undefined && !isSingleLeaf(this.#deps.digest, group.size)
  }

  /** A claim whose peers were much slower in their time slice doesn't count. */
  #isUndisputed(attempt: Attempt): boolean {
    const { claimGroups, rivals, attempts } = this.#deps
    if (!claimGroups.hasHeardNearby) return false
    return rivals().every((group) => {
      if (group === attempt.group) return true
      const throughput = attempts.throughputOf(group)
      return throughput?.isSliceOver === true && isMuchSlower(throughput, attempt.throughput)
    })
  }
}
