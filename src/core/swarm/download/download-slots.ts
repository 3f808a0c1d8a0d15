/**
 * So many at once; others wait for their turn. One that crawls gives its slot up to who waits, so that a few peers which
 * send next to nothing do not keep everything else from coming.
 */
import { RegistryError } from '../../oci/error.ts'
import { type Pace, whoMakesWay } from './pace.ts'

export interface Slot {
  /** Aborts when others are to have it. */
  readonly signal: AbortSignal
}

export interface SlotOptions {
  readonly signal: AbortSignal
  /** Kept from one turn to the next. */
  readonly pace: Pace
  /** Goes before those that are not, and always finds a place in the line. */
  readonly isUrgent?: boolean
}

export interface DownloadSlots {
  /**
   * Runs `work` when it is its turn. Rejects with the signal's reason where that aborts before.
   *
   * @throws RegistryError TOOMANYREQUESTS where too many wait
   */
  hold<T>(work: (slot: Slot) => Promise<T>, options: SlotOptions): Promise<T>
}

/** Those that wait and are not urgent. */
const MAX_WAITING = 256

/** Milliseconds from one look at who is slow to the next. */
const LOOK = 250

interface Running {
  readonly pace: Pace
  readonly control: AbortController
}

export function createDownloadSlots(count: number): DownloadSlots {
  const urgent = new Set<() => void>()
  const patient = new Set<() => void>()
  const running = new Set<Running>()
  let free = count
  let timer: ReturnType<typeof setInterval> | undefined

  function watch(): void {
    const isWatched = urgent.size + patient.size > 0
    if (isWatched && !timer) {
      timer = setInterval(look, LOOK)
      look()
    } else if (!isWatched) {
      clearInterval(timer)
      timer = undefined
    }
  }

  /** One after the other, while each that makes way already is waited for. */
  function look(): void {
    if ([...running].some(({ control }) => control.signal.aborted)) return
    whoMakesWay(running)?.control.abort(new Error('others wait'))
  }

  const turn = (line: Set<() => void>, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const leave = () => {
        line.delete(begin)
        watch()
        reject(signal.reason)
      }
      const begin = () => {
        signal.removeEventListener('abort', leave)
        line.delete(begin)
        watch()
        resolve()
      }
      line.add(begin)
      watch()
      signal.addEventListener('abort', leave, { once: true })
    })

  function pass(): void {
    const [next] = urgent.size > 0 ? urgent : patient
    if (next) next()
    else free++
  }

  return {
    async hold(work, { signal, pace, isUrgent = false }) {
      signal.throwIfAborted()
      if (free > 0) free--
      else if (!isUrgent && patient.size >= MAX_WAITING) throw new RegistryError('TOOMANYREQUESTS')
      else await turn(isUrgent ? urgent : patient, signal)
      const control = new AbortController()
      const entry = { pace, control }
      running.add(entry)
      pace.begin()
      try {
        return await work({ signal: control.signal })
      } finally {
        running.delete(entry)
        pass()
      }
    },
  }
}
