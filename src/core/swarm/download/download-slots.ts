/**
 * Limits how many downloads run at once; others wait for a slot. A slow download gives its slot up to one that waits, so a
 * few peers that send next to nothing don't hold up everything else.
 */
import { RegistryError } from '../../oci/error.ts'
import { pickToPreempt, type Throughput } from './throughput.ts'

export interface DownloadSlot {
  /** Aborts when another download is to have the slot. */
  readonly signal: AbortSignal
}

export interface SlotOptions {
  readonly signal: AbortSignal
  /** Kept from one time slice to the next. */
  readonly throughput: Throughput
  /** Goes before those that aren't, and is never turned away. */
  readonly isUrgent?: boolean
}

/** Downloads that wait and aren't urgent. */
const MAX_WAITING = 256

/** Milliseconds between two checks for a slow download. */
const CHECK_MS = 250

interface Running {
  readonly throughput: Throughput
  readonly control: AbortController
}

type Queue = Set<() => void>

export class DownloadSlots {
  readonly #urgent: Queue = new Set()
  readonly #patient: Queue = new Set()
  readonly #running = new Set<Running>()
  #free: number
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(count: number) {
    this.#free = count
  }

  /**
   * Runs `work` in a slot. Rejects with the signal's reason if that aborts first.
   *
   * @throws RegistryError TOOMANYREQUESTS if too many wait
   */
  async run<T>(
    work: (slot: DownloadSlot) => Promise<T>,
    { signal, throughput, isUrgent = false }: SlotOptions,
  ): Promise<T> {
    await this.#acquire(signal, isUrgent)
    const control = new AbortController()
    const entry = { throughput, control }
    this.#running.add(entry)
    throughput.beginSlice()
    try {
      return await work({ signal: control.signal })
    } finally {
      this.#running.delete(entry)
      this.#release()
    }
  }

  async #acquire(signal: AbortSignal, isUrgent: boolean): Promise<void> {
    signal.throwIfAborted()
    if (this.#free > 0) this.#free--
    else if (!isUrgent && this.#patient.size >= MAX_WAITING) throw new RegistryError('TOOMANYREQUESTS')
    else await this.#wait(isUrgent ? this.#urgent : this.#patient, signal)
  }

  #wait(queue: Queue, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(begin)
        this.#watch()
        reject(signal.reason)
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        queue.delete(begin)
        this.#watch()
        resolve()
      }
      queue.add(begin)
      this.#watch()
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  #release(): void {
    const [next] = this.#urgent.size > 0 ? this.#urgent : this.#patient
    if (next) next()
    else this.#free++
  }

  /** Checks only while something waits. */
  #watch(): void {
    const isWatched = this.#urgent.size + this.#patient.size > 0
    if (isWatched && !this.#timer) {
      this.#timer = setInterval(() => this.#check(), CHECK_MS)
      this.#check()
    } else if (!isWatched) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  /** One at a time: while a slot is being given up, no other is. */
  #check(): void {
    if ([...this.#running].some(({ control }) => control.signal.aborted)) return
    pickToPreempt(this.#running)?.control.abort(new Error('another download waits for the slot'))
  }
}
