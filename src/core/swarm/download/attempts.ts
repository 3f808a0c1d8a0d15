/**
 * The attempts at one blob, as many as there is memory for. A few run at a time, each in time slices: a claim that is false
 * or slow holds up the true one only for moments. What a slice has brought is for the claim race to judge.
 */
import { HASH_SIZE, isSingleLeaf, LEAF_SIZE, leafCount } from '../../leaf.ts'
import { RegistryError } from '../../oci/error.ts'
import type { Admission } from './admission.ts'
import { Attempt, type AttemptDeps } from './attempt.ts'
import type { LeafListBudget } from './claim.ts'
import type { ClaimGroup } from './claim-groups.ts'
import { pickToPreempt, Throughput } from './throughput.ts'

export interface AttemptsDeps
  extends Omit<AttemptDeps, 'group' | 'throughput' | 'mayResume' | 'onLeaf' | 'isVouched'>,
    Pick<Admission, 'isVouched'> {
  readonly leafLists: LeafListBudget
}

/** Attempts that have begun. The one with the fewest bytes is dropped for another. */
const MAX_ATTEMPTS = 12

export const isSmall = ({ size }: ClaimGroup): boolean => size <= LEAF_SIZE

/** Those that have begun, and how fast each claim has been so far. */
export class Attempts {
  readonly #deps: AttemptsDeps
  readonly #attempts = new Map<ClaimGroup, Attempt>()
  /** Of all groups for which there has been an attempt. */
  readonly #throughputs = new Map<ClaimGroup, Throughput>()
  #isAnyResumed = false
  #received = 0
  #failure: { readonly error: unknown } | undefined

  constructor(deps: AttemptsDeps) {
    this.#deps = deps
  }

  /** Bytes of all leaves that were used. */
  get received(): number {
    return this.#received
  }

  /** The first error in dropping an attempt. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure
  }

  /** The one with the most bytes. */
  get foremost(): Attempt | undefined {
    const readable = [...this.#attempts.values()].filter(({ partialBlob }) => partialBlob)
    return readable.sort((one, other) => other.bytes - one.bytes)[0]
  }

  [Symbol.iterator](): Iterator<Attempt> {
    return [...this.#attempts.values()].values()
  }

  /** `undefined` before the first attempt. */
  throughputOf(group: ClaimGroup): Throughput | undefined {
    return this.#throughputs.get(group)
  }

  /** The attempt at a claim, a new one if need be; `undefined` if there is no memory for it. */
  at(group: ClaimGroup): Attempt | undefined {
    this.#makeRoom()
    const known = this.#attempts.get(group)
    if (known || !this.#deps.leafLists.take(this.#listBytesOf(group))) return known
    const attempt = this.#create(group)
    this.#attempts.set(group, attempt)
    return attempt
  }

  /** Ends an attempt. `isKept`: its bytes are left for a later download, if that can find them. Never rejects. */
  async drop(attempt: Attempt, error: unknown, { isKept = false } = {}): Promise<void> {
    if (!this.forget(attempt)) return
    await attempt.end(error, { isKept }).catch((error) => {
      this.#failure ??= { error }
    })
  }

  /** Leaves an attempt that has succeeded as it is. `false` if it was ended before. */
  forget({ group }: Attempt): boolean {
    if (!this.#attempts.delete(group)) return false
    this.#deps.leafLists.give(this.#listBytesOf(group))
    return true
  }

  #create(group: ClaimGroup): Attempt {
    const throughput = this.#throughputs.get(group) ?? new Throughput()
    this.#throughputs.set(group, throughput)
    return new Attempt({
      ...this.#deps,
      group,
      throughput,
      isVouched: () => this.#deps.isVouched(group.size),
      mayResume: () => this.#mayResume(group),
      onLeaf: (bytes) => {
        this.#received += bytes
      },
    })
  }

  /** One attempt may, as there is one upload for a later download to find. */
  async #mayResume(group: ClaimGroup): Promise<boolean> {
    const mayNot = this.#isAnyResumed || isSmall(group) || !(await this.#deps.isVouched(group.size))
    if (mayNot || this.#isAnyResumed) return false
    this.#isAnyResumed = true
    return true
  }

  #makeRoom(): void {
    if (this.#attempts.size < MAX_ATTEMPTS) return
    const idle = [...this.#attempts.values()].filter(({ isRunning }) => !isRunning)
    const [least] = idle.sort((one, other) => one.bytes - other.bytes)
    if (least) void this.drop(least, foundFalse())
  }

  #listBytesOf({ size }: ClaimGroup): number {
    return isSingleLeaf(this.#deps.digest, size) ? 0 : leafCount(size) * HASH_SIZE
  }
}

/** For readers of an attempt that has come to nothing. */
export const foundFalse = (): RegistryError =>
  new RegistryError('UNAVAILABLE', 'the bytes that came first are not those of the digest; please pull again')

export interface TimeSlicesDeps {
  readonly signal: AbortSignal
  readonly attempts: Attempts
  /** Runs one slice. Never rejects. */
  run(attempt: Attempt, signal: AbortSignal): Promise<void>
  /** Called when the slice is over. Never rejects. */
  onEnd(attempt: Attempt): Promise<void>
}

/** Attempts that run at once. */
const MAX_RUNNING_ATTEMPTS = 3

interface Slice {
  readonly attempt: Attempt
  readonly throughput: Throughput
  readonly control: AbortController
  readonly ended: Promise<void>
}

const PREEMPTED = new Error('another attempt has its time slice')

/** Decides which attempt runs. */
export class TimeSlices {
  readonly #deps: TimeSlicesDeps
  readonly #slices = new Map<ClaimGroup, Slice>()

  constructor(deps: TimeSlicesDeps) {
    this.#deps = deps
  }

  get attempts(): readonly Attempt[] {
    return [...this.#slices.values()].map(({ attempt }) => attempt)
  }

  /** Gives slices to these groups: first to those that had none yet, then to those that have waited longest. */
  arrange(groups: readonly ClaimGroup[]): void {
    const waiting = groups
      .filter((group) => !this.#slices.has(group))
      .sort((one, other) => this.#lastSliceOf(one) - this.#lastSliceOf(other))
    for (const group of waiting.splice(0, MAX_RUNNING_ATTEMPTS - this.#slices.size)) this.#begin(group)
    const isAnyEnding = [...this.#slices.values()].some(({ control }) => control.signal.aborted)
    if (waiting.length > 0 && !isAnyEnding)
      pickToPreempt(this.#slices.values(), { isFair: true })?.control.abort(PREEMPTED)
  }

  /** Resolves when all slices have ended. */
  async stop(): Promise<void> {
    for (const { control } of this.#slices.values()) control.abort(PREEMPTED)
    await Promise.all([...this.#slices.values()].map(({ ended }) => ended))
  }

  #lastSliceOf(group: ClaimGroup): number {
    return this.#deps.attempts.throughputOf(group)?.sliceStart ?? 0
  }

  #begin(group: ClaimGroup): void {
    const attempt = this.#deps.attempts.at(group)
    if (!attempt) return
    const control = new AbortController()
    const ended = this.#run(attempt, AbortSignal.any([this.#deps.signal, control.signal]))
    this.#slices.set(group, { attempt, throughput: attempt.throughput, control, ended })
  }

  async #run(attempt: Attempt, signal: AbortSignal): Promise<void> {
    await this.#deps.run(attempt, signal)
    this.#slices.delete(attempt.group)
    await this.#deps.onEnd(attempt)
  }
}
