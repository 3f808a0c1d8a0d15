/**
 * How fast something arrives, and which of several that share a limited number of slots is preempted when others wait for
 * one. Each holds its slot for a time slice that others cannot take from it. A slow one costs those that wait one slice;
 * each slice is twice as long as the one before, so a source that is merely far away makes progress, too.
 */

/** Milliseconds of the first time slice, unless the caller says otherwise. */
export const SLICE_MS = 500

/** Milliseconds over which a rate is measured. */
const MEASURED_MS = 250

/** The longest slice, as a multiple of the first. */
const MAX_SLICE_FACTOR = 64

/** Anything faster isn't preempted as slow, however fast the others are. */
const SLOW_BYTES_PER_SECOND = 256 * 1024

export class Throughput {
  readonly #firstSliceMs: number
  #slices = 0
  #sliceStart = 0
  #rate = 0
  #measuredAt = 0
  #unmeasuredBytes = 0

  constructor(firstSliceMs = SLICE_MS) {
    this.#firstSliceMs = firstSliceMs
  }

  /** Bytes a second, recently. */
  get rate(): number {
    this.#measure()
    return Math.max(this.#rate, (1000 * this.#unmeasuredBytes) / MEASURED_MS)
  }

  /** When the last slice began, in milliseconds of `performance.now()`; 0 before the first. */
  get sliceStart(): number {
    return this.#sliceStart
  }

  /** The slice has lasted as long as it may while others wait. */
  get isSliceOver(): boolean {
    const slice = this.#firstSliceMs * Math.min(MAX_SLICE_FACTOR, 2 ** (this.#slices - 1))
    return performance.now() - this.#sliceStart >= slice
  }

  beginSlice(): void {
    this.#slices++
    this.#sliceStart = this.#measuredAt = performance.now()
    this.#unmeasuredBytes = 0
  }

  add(bytes: number): void {
    this.#measure()
    this.#unmeasuredBytes += bytes
  }

  /** Older bytes count for less. */
  #measure(): void {
    const elapsed = performance.now() - this.#measuredAt
    if (elapsed < MEASURED_MS) return
    const weight = 0.5 ** (elapsed / MEASURED_MS)
    this.#rate = weight * this.#rate + (1 - weight) * ((1000 * this.#unmeasuredBytes) / elapsed)
    this.#measuredAt += elapsed
    this.#unmeasuredBytes = 0
  }
}

/** Whether one is much slower than the other. */
export const isMuchSlower = (one: Throughput, other: Throughput): boolean => one.rate < other.rate / 4

interface Measured {
  readonly throughput: Throughput
}

/**
 * Which of these gives up its slot to one that waits: the slowest whose slice is over. The fastest never does, unless all
 * of them are slow.
 *
 * @param options.isFair - one that is as fast as the others gives its slot up as well
 */
export function pickToPreempt<T extends Measured>(
  running: Iterable<T>,
  { isFair = false }: { readonly isFair?: boolean } = {},
): T | undefined {
  const sorted = [...running].sort((one, other) => one.throughput.rate - other.throughput.rate)
  const fastest = sorted.at(-1)?.throughput
  return sorted.find(({ throughput }) => {
    if (!throughput.isSliceOver) return false
    if (throughput.rate < SLOW_BYTES_PER_SECOND) return true
    return throughput !== fastest && (isFair || isMuchSlower(throughput, fastest!))
  })
}
