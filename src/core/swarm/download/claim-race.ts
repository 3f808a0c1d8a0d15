/**
 * Claims about one blob that contradict each other are tried side by side: the first whose bytes have the digest wins, and
 * all others were false. Which attempt runs when (`attempts.ts`) and which of them readers see meanwhile
 * (`visible-attempt.ts`) are decided elsewhere.
 */
import { RegistryError } from '../../oci/error.ts'
import type { Attempt } from './attempt.ts'
import { Attempts, type AttemptsDeps, foundFalse, isSmall, TimeSlices } from './attempts.ts'
import type { ClaimGroup } from './claim-groups.ts'
import { VisibleAttempt, type VisibleAttemptDeps } from './visible-attempt.ts'

export interface ClaimRaceDeps
  extends Omit<AttemptsDeps, 'onReadable'>,
    Pick<VisibleAttemptDeps, 'onVisible'> {
  readonly signal: AbortSignal
}

/** Milliseconds between two checks. */
const CHECK_MS = 250

/** If all attempts are slower for a while, providers are looked for further away. */
const POOR_BYTES_PER_SECOND = 64 * 1024

export class ClaimRace {
  readonly #deps: ClaimRaceDeps
  readonly #attempts: Attempts
  readonly #slices: TimeSlices
  readonly #visible: VisibleAttempt
  /** Groups that gave nothing in their last slice though it wasn't cut short. */
  readonly #exhausted = new Set<ClaimGroup>()
  #receivedAtSearch = -1
  #isSearchedWide = false
  #winner: Attempt | undefined
  #failure: { readonly error: unknown } | undefined

  constructor(deps: ClaimRaceDeps) {
    const chooseVisible = () => this.#visible.choose(this.#slices.attempts)
    this.#deps = deps
    this.#attempts = new Attempts({ ...deps, onReadable: chooseVisible })
    this.#visible = new VisibleAttempt({ ...deps, attempts: this.#attempts, rivals: () => this.#usable() })
    this.#slices = new TimeSlices({
      signal: deps.signal,
      attempts: this.#attempts,
      run: (attempt, signal) => this.#runSlice(attempt, signal),
      onEnd: (attempt) => this.#endSlice(attempt),
    })
  }

  /** All small claims have had a time slice, and there are large ones. */
  get isLarge(): boolean {
    const usable = this.#usable()
    return usable.filter(isSmall).every((group) => this.#wasTried(group)) && !usable.every(isSmall)
  }

  /** The attempt with the most bytes. Peers may have it before readers do, as they verify what they get. */
  get foremost(): Attempt | undefined {
    return this.#winner ?? this.#attempts.foremost
  }

  /**
   * Resolves with the attempt that has won, or with `undefined` when the slot is to be given up.
   *
   * @throws RegistryError UNAVAILABLE if no peer is left that gives the rest
   */
  async run(slot: AbortSignal): Promise<Attempt | undefined> {
    const { isLarge } = this
    for (;;) {
      if (this.#winner) return this.#finish(this.#winner)
      if (this.#firstFailure) throw this.#firstFailure.error
      this.#deps.signal.throwIfAborted()
      if (slot.aborted || this.#isDoneWith(isLarge)) {
        await this.#slices.stop()
        if (this.#winner || this.#firstFailure) continue
        return undefined
      }
      this.#arrange(isLarge)
      await this.#deps.claimGroups.wait(CHECK_MS)
    }
  }

  /** Ends all attempts. Without a winner, bytes of a size that is vouched for are left for a later download. */
  async close(error: unknown): Promise<void> {
    await this.#slices.stop()
    const isUnavailable = error instanceof RegistryError && error.code === 'UNAVAILABLE'
    const mayKeep = this.#deps.signal.aborted || isUnavailable
    for (const attempt of this.#attempts) {
      const isKept = mayKeep && (await this.#deps.isVouched(attempt.group.size))
      await this.#attempts.drop(attempt, error, { isKept })
    }
  }

  get #firstFailure(): { readonly error: unknown } | undefined {
    return this.#failure ?? this.#attempts.failure
  }

  #usable(): ClaimGroup[] {
    return this.#deps.claimGroups.usable().filter((group) => !this.#exhausted.has(group))
  }

  #wasTried(group: ClaimGroup): boolean {
    return this.#attempts.throughputOf(group) !== undefined
  }

  #arrange(isLarge: boolean): void {
    this.#slices.arrange(this.#usable().filter((group) => isLarge || isSmall(group)))
    this.#visible.choose(this.#slices.attempts)
    this.#searchWide()
    const isIdle = this.#usable().length === 0 && this.#slices.attempts.length === 0
    if (isIdle && !this.#deps.claimGroups.isSearching) this.#searchAgain()
  }

  /** If both small and large blobs are claimed, the small ones are tried first. */
  #isDoneWith(isLarge: boolean): boolean {
    const usable = this.#usable()
    if (isLarge || usable.every(isSmall)) return false
    const isAnyInTime = this.#slices.attempts.some(({ throughput }) => !throughput.isSliceOver)
    return !isAnyInTime && usable.filter(isSmall).every((group) => this.#wasTried(group))
  }

  /** Never rejects. */
  async #runSlice(attempt: Attempt, signal: AbortSignal): Promise<void> {
    try {
      if (await attempt.run(signal)) this.#winner = attempt
      else if (!attempt.isUseful) this.#exhausted.add(attempt.group)
    } catch (error) {
      if (!signal.aborted) this.#failure = { error }
    }
  }

  /** A false attempt is hidden before its readers fail, as they ask again at once. Never rejects. */
  async #endSlice(attempt: Attempt): Promise<void> {
    if (attempt.isFalse) {
      this.#visible.hide(attempt)
      await this.#attempts.drop(attempt, foundFalse())
    }
    this.#deps.claimGroups.notify()
  }

  /** Goes on for as long as each search brings something. */
  #searchAgain(): void {
    const { received } = this.#attempts
    if (received <= this.#receivedAtSearch)
      throw new RegistryError('UNAVAILABLE', 'no peer gives the rest of the blob')
    this.#receivedAtSearch = received
    this.#exhausted.clear()
    void this.#deps.claimGroups.search({ signal: this.#deps.signal, alwaysAskDht: true })
  }

  #searchWide(): void {
    const { signal, claimGroups } = this.#deps
    const { attempts } = this.#slices
    const isPoor = attempts.every(
      ({ throughput }) => throughput.isSliceOver && throughput.rate < POOR_BYTES_PER_SECOND,
    )
    if (this.#isSearchedWide || claimGroups.isSearching || attempts.length === 0 || !isPoor) return
    this.#isSearchedWide = true
    void claimGroups.search({ signal, alwaysAskDht: true })
  }

  /** The digest is verified, so all other claims are false. */
  async #finish(winner: Attempt): Promise<Attempt> {
    await this.#slices.stop()
    this.#attempts.forget(winner)
    const { claimGroups } = this.#deps
    for (const group of claimGroups.usable()) {
      const isOther = group.size !== winner.group.size || group.root !== undefined
      if (group !== winner.group && isOther) claimGroups.reject(group)
    }
    for (const other of this.#attempts) await this.#attempts.drop(other, foundFalse())
    return winner
  }
}
