/**
 * Whether a download is still wanted: while somebody waits for it or reads from it, and for as long as a manifest here
 * names the blob. A download that only peers vouch for ends soon after the last reader has left, and until then gets no
 * further than a window ahead.
 */
import { delay } from '../../async/delay.ts'
import { LEAF_SIZE } from '../../leaf.ts'
import { WINDOW_LEAVES } from './leaf-window.ts'

export interface DemandDeps {
  /** Somebody waits for the blob or reads from it. */
  isAttended(): boolean
  /** A manifest here names the blob. */
  isVouched(): Promise<boolean>
  /** Called once, when nobody wants the blob any more. */
  onLost(): void
}

/** Milliseconds from the response that tells a client of a blob until the client must have begun to read. */
const GRACE_MS = 2000

/** Milliseconds between two checks. */
const CHECK_MS = 250

export class Demand {
  readonly #deps: DemandDeps
  readonly #timer: ReturnType<typeof setInterval>
  #attendedAt = performance.now()
  #isChecking = false
  /** Bytes taken since the blob was last attended. */
  #passed = 0

  constructor(deps: DemandDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => this.#check(), CHECK_MS)
  }

  /** Resolves when so many more bytes may be taken. */
  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    const { isAttended, isVouched } = this.#deps
    if (isAttended()) this.#passed = 0
    this.#passed += bytes
    const isAhead = () => this.#passed > WINDOW_LEAVES * LEAF_SIZE && !isAttended()
    while (isAhead() && !(await isVouched()) && !signal.aborted) await delay(CHECK_MS, signal)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  async #check(): Promise<void> {
    const { isAttended, isVouched, onLost } = this.#deps
    if (isAttended()) this.#attendedAt = performance.now()
    if (this.#isChecking || performance.now() - this.#attendedAt < GRACE_MS) return
    this.#isChecking = true
    const isLost = !(await isVouched().catch(() => true)) && !isAttended()
    this.#isChecking = false
    if (!isLost) return
    this.close()
    onLost()
  }
}
