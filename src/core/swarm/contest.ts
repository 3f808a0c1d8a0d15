/**
 * Claims of one blob that contradict each other, side by side: a few at a time, each in turns, so that one which is false
 * or slow or both holds up the true one for moments. The first whose whole has the digest wins; the others were lies.
 *
 * What comes by a claim is shown to readers only while nothing contradicts it: with two at hand, nobody knows which is
 * true before the end.
 */
import type { Content } from '../blobs/ports.ts'
import { LEAF_SIZE } from '../catalog/blobs.ts'
import { HASH_SIZE } from '../catalog/blocks.ts'
import { RegistryError } from '../oci/error.ts'
import type { Admission } from './admission.ts'
import type { Budget } from './budget.ts'
import type { Candidate } from './claimants.ts'
import { isOwnLeaf, leafCount } from './claims.ts'
import { type Contender, type ContenderParts, createContender } from './contender.ts'
import { createPace, isOutpaced, type Pace, whoMakesWay } from './pace.ts'

export interface ContestParts
  extends Omit<ContenderParts, 'candidate' | 'ownPace' | 'mayResume' | 'onReady' | 'isVouched'>,
    Pick<Admission, 'isVouched'> {
  /** Memory for lists of leaves. */
  readonly lists: Budget
  readonly signal: AbortSignal
  /** What comes by this claim may be read from now on; `undefined`: what could be was false. */
  onShown(contender: Contender | undefined): void
}

export interface Win {
  readonly contender: Contender
  readonly content: Content
}

export interface Contest {
  /** What there is to follow are large blobs. */
  readonly isLarge: boolean
  /**
   * Resolves when the blob is here, or with `undefined` when others are to have the slot.
   *
   * @throws RegistryError UNAVAILABLE where nobody is left who could give the rest
   */
  run(slot: AbortSignal): Promise<Win | undefined>
  /** It is over. Without a win, what was proved by others than peers may be left for a later start. */
  close(error: unknown): Promise<void>
}

/** Claims followed at once. */
const LANES = 3

/** Claims of which something is here: what came by the least of them is forgotten for another. */
const MOST_BEGUN = 4 * LANES

/** Milliseconds from one look to the next. */
const LOOK = 250

/** In bytes a second: where all are slower for a while, others are looked for further away. */
const POOR = 64 * 1024

interface Turn {
  readonly contender: Contender
  readonly pace: Pace
  readonly control: AbortController
  readonly ended: Promise<void>
}

const STOPPED = new Error('others have a turn')

export function createContest(parts: ContestParts): Contest {
  const { digest, claimants, lists, signal } = parts
  const contenders = new Map<Candidate, Contender>()
  const turns = new Map<Candidate, Turn>()
  /** Of those that had a turn. */
  const paces = new Map<Candidate, Pace>()
  /** Those that gave nothing in their last turn though nobody stopped it. */
  const spent = new Set<Candidate>()
  let isResumed = false
  let received = 0
  let searchedAt = -1
  let isSearchedWide = false
  let shown: Contender | undefined
  let win: Win | undefined
  let failure: { readonly error: unknown } | undefined

  const usable = () => claimants.usable().filter((candidate) => !spent.has(candidate))
  const isSmall = ({ size }: Candidate) => size <= LEAF_SIZE
  const hadTurn = (candidate: Candidate) => paces.has(candidate)
  const listOf = ({ size }: Candidate) => (isOwnLeaf(digest, size) ? 0 : leafCount(size) * HASH_SIZE)

  function contenderOf(candidate: Candidate): Contender | undefined {
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
      onReceive(peer, road, bytes) {
        received += bytes
        parts.onReceive(peer, road, bytes)
      },
      onReady: show,
    })
    contenders.set(candidate, contender)
    return contender
  }

  function begin(candidate: Candidate): void {
    retire()
    const contender = contenderOf(candidate)
    if (!contender) return
    const control = new AbortController()
    const ended = follow(contender, AbortSignal.any([signal, control.signal]))
    turns.set(candidate, { contender, pace: contender.pace, control, ended })
  }

  function retire(): void {
    if (contenders.size < MOST_BEGUN) return
    const idle = [...contenders.values()].filter(({ candidate }) => !turns.has(candidate))
    const [least] = idle.sort((one, other) => one.bytes - other.bytes)
    if (least) void letGo(least, refuted())
  }

  /** Never rejects. */
  async function follow(contender: Contender, over: AbortSignal): Promise<void> {
    const { candidate } = contender
    try {
      const content = await contender.run(over)
      if (content) win = { contender, content }
      else if (!contender.isOfUse) spent.add(candidate)
    } catch (error) {
      if (!over.aborted) failure = { error }
    }
    turns.delete(candidate)
    if (contender.isFalse && contender === shown) hide() // before its readers break off, who ask again at once
    if (contender.isFalse) await letGo(contender, refuted())
    claimants.ring()
  }

  async function letGo(contender: Contender, error: unknown, isKept = false): Promise<void> {
    if (!contenders.delete(contender.candidate)) return
    lists.give(listOf(contender.candidate))
    await contender.end(error, { isKept }).catch((error) => {
      failure ??= { error }
    })
  }

  /** Those that had no turn yet come first, then those that have waited longest. */
  function arrange(isAllowed: (candidate: Candidate) => boolean): void {
    const since = (candidate: Candidate) => paces.get(candidate)?.since ?? 0
    const waiting = usable()
      .filter((candidate) => isAllowed(candidate) && !turns.has(candidate))
      .sort((one, other) => since(one) - since(other))
    for (const candidate of waiting.splice(0, LANES - turns.size)) begin(candidate)
    const isAnyStopped = [...turns.values()].some(({ control }) => control.signal.aborted)
    if (waiting.length > 0 && !isAnyStopped)
      whoMakesWay(turns.values(), { isFair: true })?.control.abort(STOPPED)
  }

  /** Whether nothing speaks against it now. Who was slower by far while it had its turn does not count. */
  function isUndisputed(contender: Contender): boolean {
    if (!claimants.isSettled) return false
    return usable().every((candidate) => {
      if (candidate === contender.candidate) return true
      const pace = paces.get(candidate)
      return pace?.isOver === true && isOutpaced(pace, contender.pace)
    })
  }

  /** A blob of one leaf is shown when it is here: only its size would be known before, and that may be false. */
  function show(): void {
    for (const { contender } of turns.values()) {
      if (shown || !contender.gathered || isOwnLeaf(digest, contender.candidate.size)) continue
      if (!isUndisputed(contender)) continue
      shown = contender
      parts.onShown(contender)
    }
  }

  function hide(): void {
    shown = undefined
    parts.onShown(undefined)
  }

  /** Once more, for as long as that brings something. */
  function searchAgain(): void {
    if (received <= searchedAt) throw new RegistryError('UNAVAILABLE', 'no peer gives the rest of the blob')
    searchedAt = received
    spent.clear()
    void claimants.search({ signal, isWide: true })
  }

  function searchWide(): void {
    const isPoor = [...turns.values()].every(({ pace }) => pace.isOver && pace.rate < POOR)
    if (isSearchedWide || claimants.isSearching || turns.size === 0 || !isPoor) return
    isSearchedWide = true
    void claimants.search({ signal, isWide: true })
  }

  async function stop(error: Error): Promise<void> {
    for (const { control } of turns.values()) control.abort(error)
    await Promise.all([...turns.values()].map(({ ended }) => ended))
  }

  /** The digest has been verified: all other claims are false. */
  async function settle({ contender }: Win): Promise<void> {
    await stop(STOPPED)
    contenders.delete(contender.candidate)
    lists.give(listOf(contender.candidate))
    for (const candidate of claimants.usable()) {
      const isOther = candidate.size !== contender.candidate.size || candidate.root !== undefined
      if (candidate !== contender.candidate && isOther) claimants.refuse(candidate)
    }
    for (const other of [...contenders.values()]) await letGo(other, refuted())
  }

  /** Where small and large are claimed, the small ones are tried first. */
  function isMovedOn(isLarge: boolean): boolean {
    if (isLarge || !usable().some((candidate) => !isSmall(candidate))) return false
    return [...turns.values()].every(({ pace }) => pace.isOver) && usable().filter(isSmall).every(hadTurn)
  }

  const contest: Contest = {
    get isLarge() {
      const small = usable().filter(isSmall)
      return small.every(hadTurn) && !usable().every(isSmall)
    },

    async run(slot) {
      const { isLarge } = contest
      for (;;) {
        if (win) await settle(win)
        if (win) return win
        if (failure) throw failure.error
        signal.throwIfAborted()
        if (slot.aborted || isMovedOn(isLarge)) {
          await stop(STOPPED)
          if (win || failure) continue
          return undefined
        }
        arrange((candidate) => isLarge || isSmall(candidate))
        show()
        searchWide()
        if (usable().length === 0 && turns.size === 0 && !claimants.isSearching) searchAgain()
        await claimants.wait(LOOK)
      }
    },

    async close(error) {
      await stop(STOPPED)
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
