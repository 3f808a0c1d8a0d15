/**
 * Which of several claims of a blob readers are given. Apart from who is followed and for how long: this rule alone keeps
 * false bytes from readers. What comes by a claim is shown while nothing contradicts it; with two at hand, nobody knows
 * which is true before the end.
 */
import { isSingleLeaf } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'
import type { Candidate, ClaimGroups } from './claim-groups.ts'
import type { Contender } from './contender.ts'
import { isOutpaced, type Pace } from './pace.ts'

export interface ShownParts {
  readonly digest: Digest
  readonly claimGroups: Pick<ClaimGroups, 'isSettled'>
  /** All claims that may be true. */
  rivals(): readonly Candidate[]
  /** `undefined` before its first turn. */
  paceOf(candidate: Candidate): Pace | undefined
  /** What comes by this claim may be read from now on; `undefined`: what could be was false. */
  onShown(contender: Contender | undefined): void
}

export interface Shown {
  /** Chooses one of these, if none is chosen and nothing speaks against it. */
  choose(contenders: Iterable<Contender>): void
  /** It was found false. */
  hide(contender: Contender): void
}

export function createShown({ digest, claimGroups, rivals, paceOf, onShown }: ShownParts): Shown {
  let shown: Contender | undefined

  /** Whether nothing speaks against it now. Who was slower by far while it had its turn does not count. */
  function isUndisputed(contender: Contender): boolean {
    if (!claimGroups.isSettled) return false
    return rivals().every((candidate) => {
      if (candidate === contender.candidate) return true
      const pace = paceOf(candidate)
      return pace?.isOver === true && isOutpaced(pace, contender.pace)
    })
  }

  /** A blob of one leaf is shown when it is here: only its size would be known before, and that may be false. */
  const isReadable = ({ partialBlob, candidate }: Contender) =>
    partialBlob !== undefined && !isSingleLeaf(digest, candidate.size)

  return {
    choose(contenders) {
      for (const contender of contenders) {
        if (shown || !isReadable(contender) || !isUndisputed(contender)) continue
        shown = contender
        onShown(contender)
      }
    },

    hide(contender) {
      if (contender !== shown) return
      shown = undefined
      onShown(undefined)
    },
  }
}
