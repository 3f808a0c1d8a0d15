/**
 * Claims of one blob that contradict each other: each is followed in turns, and the first whose whole has the digest wins;
 * the others were lies. Whose turn it is (`lanes.ts`) and what readers see meanwhile (`shown.ts`) stand apart.
 */

import type { Content } from '../../blobs/ports.ts'
import { HASH_SIZE, isSingleLeaf, LEAF_SIZE, leafCount } from '../../leaf.ts'
import { RegistryError } from '../../oci/error.ts'
import type { Admission } from './admission.ts'
import type { Budget } from './budget.ts'
import type { Candidate } from './claim-groups.ts'
import { type Contender, type ContenderParts, createContender } from './contender.ts'
import { createLanes, LANES } from './lanes.ts'
import { createPace, type Pace } from './pace.ts'
import { createShown, type ShownParts } from './shown.ts'

export interface ContestParts
  extends Omit<ContenderParts, 'candidate' | 'ownPace' | 'mayResume' | 'onReady' | 'isVouched'>,
    Pick<Admission, 'isVouched'>,
    Pick<ShownParts, 'onShown'> {
  /** Memory for lists of leaves. */
  readonly lists: Budget
  readonly signal: AbortSignal
}

export interface Win {
  readonly contender: Contender
  readonly content: Content
}

export interface Contest {
  /** What there is to follow are large blobs. */
  readonly isLarge: boolean
  /** The claim by which most is here. Peers may have it before readers, as they check what they get by a claim of theirs. */
  readonly foremost: Contender | undefined
  /**
   * Resolves when the blob is here, or with `undefined` when others are to have the slot.
   *
   * @throws RegistryError UNAVAILABLE where nobody is left who could give the rest
   */
  run(slot: AbortSignal): Promise<Win | undefined>
  /** It is over. Without a win, what was proved by others than peers may be left for a later start. */
  close(error: unknown): Promise<void>
}

/** Claims of which something is here: what came by the least of them is forgotten for another. */
const MAX_BEGUN = 4 * LANES

/** Milliseconds from one look to the next. */
const LOOK = 250

/** In bytes a second: where all are slower for a while, others are looked for further away. */
const POOR = 64 * 1024

export function createContest(parts: ContestParts): Contest {
  const { digest, claimGroups, lists, signal } = parts
  const contenders = new Map<Candidate, Contender>()
  /** Of those that had a turn. */
  const paces = new Map<Candidate, Pace>()
  /** Those that gave nothing in their last turn though nobody stopped it. */
  const spent = new Set<Candidate>()
  let isResumed = false
  let received = 0
  let searchedAt = -1
  let isSearchedWide = false
  let win: Win | undefined
  let failure: { readonly error: unknown } | undefined

  const usable = () => claimGroups.usable().filter((candidate) => !spent.has(candidate))
  const paceOf = (candidate: Candidate) => paces.get(candidate)
  const shown = createShown({ ...parts, rivals: usable, paceOf })
  const lanes = createLanes({ signal, contenderOf, paceOf, run, onEnd })

  const isSmall = ({ size }: Candidate) => size <= LEAF_SIZE
  const hadTurn = (candidate: Candidate) => paces.has(candidate)
  const listOf = ({ size }: Candidate) => (isSingleLeaf(digest, size) ? 0 : leafCount(size) * HASH_SIZE)

  function contenderOf(candidate: Candidate): Contender | undefined {
    retire()
    const known = contenders.get(candidate)
    if (known || !lists.take(listOf(candidate))) return known
    const ownPace = paces.get(candidate) ?? createPace()
    paces.set(candidate, ownPace)
    const contender = createContender({
      ...parts,
      candidate,
      ownPace,
      isVouched: () => parts.isVouched(candidate.size),
      async mayResume() {
        if (isResumed || isSmall(candidate) || !(await parts.isVouched(candidate.size)) || isResumed)
          return false
        isResumed = true
        return true
      },
      onReceive(peer, protocol, bytes) {
        received += bytes
        parts.onReceive(peer, protocol, bytes)
      },
      onReady: () => shown.choose(lanes.contenders),
    })
    contenders.set(candidate, contender)
    return contender
  }

  function retire(): void {
    if (contenders.size < MAX_BEGUN) return
    const idle = [...contenders.values()].filter(({ candidate }) => !lanes.has(candidate))
    const [least] = idle.sort((one, other) => one.bytes - other.bytes)
    if (least) void letGo(least, refuted())
  }

  /** Never rejects. */
  async function run(contender: Contender, over: AbortSignal): Promise<void> {
    try {
      const content = await contender.run(over)
      if (content) win = { contender, content }
      else if (!contender.isOfUse) spent.add(contender.candidate)
    } catch (error) {
      if (!over.aborted) failure = { error }
    }
  }

  /** What was false is hidden before its readers break off, who ask again at once. Never rejects. */
  async function onEnd(contender: Contender): Promise<void> {
    if (contender.isFalse) shown.hide(contender)
    if (contender.isFalse) await letGo(contender, refuted())
    claimGroups.ring()
  }

  async function letGo(contender: Contender, error: unknown, isKept = false): Promise<void> {
    if (!contenders.delete(contender.candidate)) return
    lists.give(listOf(contender.candidate))
    await contender.end(error, { isKept }).catch((error) => {
      failure ??= { error }
    })
  }

  /** Once more, for as long as that brings something. */
  function searchAgain(): void {
    if (received <= searchedAt) throw new RegistryError('UNAVAILABLE', 'no peer gives the rest of the blob')
    searchedAt = received
    spent.clear()
    void claimGroups.search({ signal, isWide: true })
  }

  function searchWide(): void {
    const { contenders } = lanes
    const isPoor = contenders.every(({ pace }) => pace.isOver && pace.rate < POOR)
    if (isSearchedWide || claimGroups.isSearching || contenders.length === 0 || !isPoor) return
    isSearchedWide = true
    void claimGroups.search({ signal, isWide: true })
  }

  /** The digest has been verified: all other claims are false. */
  async function settle({ contender }: Win): Promise<void> {
    await lanes.stop()
    contenders.delete(contender.candidate)
    lists.give(listOf(contender.candidate))
    for (const candidate of claimGroups.usable()) {
      const isOther = candidate.size !== contender.candidate.size || candidate.root !== undefined
      if (candidate !== contender.candidate && isOther) claimGroups.refuse(candidate)
    }
    for (const other of [...contenders.values()]) await letGo(other, refuted())
  }

  /** Where small and large are claimed, the small ones are tried first. */
  function isMovedOn(isLarge: boolean): boolean {
    if (isLarge || !usable().some((candidate) => !isSmall(candidate))) return false
    return lanes.contenders.every(({ pace }) => pace.isOver) && usable().filter(isSmall).every(hadTurn)
  }

  const contest: Contest = {
    get isLarge() {
      const small = usable().filter(isSmall)
      return small.every(hadTurn) && !usable().every(isSmall)
    },

    get foremost() {
      if (win) return win.contender
      const readable = [...contenders.values()].filter(({ partialBlob }) => partialBlob)
      return readable.sort((one, other) => other.bytes - one.bytes)[0]
    },

    async run(slot) {
      const { isLarge } = contest
      for (;;) {
        if (win) await settle(win)
        if (win) return win
        if (failure) throw failure.error
        signal.throwIfAborted()
        if (slot.aborted || isMovedOn(isLarge)) {
          await lanes.stop()
          if (win || failure) continue
          return undefined
        }
        lanes.arrange(usable().filter((candidate) => isLarge || isSmall(candidate)))
        shown.choose(lanes.contenders)
        searchWide()
        const isIdle = usable().length === 0 && lanes.contenders.length === 0
        if (isIdle && !claimGroups.isSearching) searchAgain()
        await claimGroups.wait(LOOK)
      }
    },

    async close(error) {
      await lanes.stop()
      const isLeft = signal.aborted || (error instanceof RegistryError && error.code === 'UNAVAILABLE')
      for (const contender of [...contenders.values()]) {
        const isKept = isLeft && (await parts.isVouched(contender.candidate.size))
        await letGo(contender, error, isKept)
      }
    },
  }
  return contest
}

const refuted = (): RegistryError =>
  new RegistryError('UNAVAILABLE', 'what came first was false; the blob has other bytes')
