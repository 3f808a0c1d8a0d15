/** Tracks the progress of a transfer by blob, and publishes it at intervals. */
import type { Signal } from '@preact/signals'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import type { Part, Progress } from './transfer.ts'

/** Milliseconds between two updates. */
const UPDATE_MS = 100

export type PartUpdate = Pick<Part, 'digest' | 'done' | 'state'> & Partial<Part>

export interface ProgressTracker {
  /** Adds blobs that are still to be transferred; their sizes make up the total. */
  expect(blobs: readonly Descriptor[]): void
  update(part: PartUpdate): void
  /** Sets the progress as a whole, if it is not the sum of the blobs. */
  setTotal(whole: { readonly done: number; readonly total: number }): void
  /** Blobs that never moved count as present before. */
  finish(): void
}

/** @param progress - also has the blobs that an earlier run of the transfer has stored, which do not count as present before */
export function createProgressTracker(progress: Signal<Progress>): ProgressTracker {
  const stored = new Set(
    progress.peek().parts.flatMap(({ state, digest }) => (state === 'done' ? digest : [])),
  )
  const parts = new Map<string, Part>()
  const speedometer = createSpeedometer()
  let whole: { readonly done: number; readonly total: number } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let shownAt = 0
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    shownAt = Date.now()
    const list = [...parts.values()]
    const isKnown = list.every(({ size }) => size !== undefined)
    progress.value = {
      parts: list,
      done: sum(list.map(({ done }) => done)),
      total: isKnown ? sum(list.map(({ size }) => size ?? 0)) : undefined,
      speed: speedometer.read(),
      ...whole,
    }
  }
  const flushAtPace = () => {
    timer ??= setTimeout(flush, Math.max(0, shownAt + UPDATE_MS - Date.now()))
  }
  const set = (part: Part) => {
    const state = part.state === 'held' && stored.has(part.digest) ? 'done' : part.state
    parts.set(part.digest, { ...part, state })
  }
  return {
    expect(blobs) {
      for (const { digest, size, mediaType } of blobs)
        set({ digest, kind: kindOf(mediaType), size, done: 0, state: 'waiting' })
      flush()
    },
    update(part) {
      const known = parts.get(part.digest)
      if (part.state !== 'held') speedometer.move(Math.max(0, part.done - (known?.done ?? 0)))
      set({ kind: 'blob', size: undefined, ...known, ...part })
      flushAtPace()
    },
    setTotal(newTotal) {
      whole = newTotal
      flushAtPace()
    },
    finish() {
      for (const part of parts.values()) {
        const state = part.state === 'waiting' ? 'held' : part.state === 'running' ? 'done' : part.state
        set({ ...part, done: part.size ?? part.done, state })
      }
      flush()
    },
  }
}

const kindOf = (mediaType: string): string => {
  if (/\.(?:config|container\.image)\./.test(mediaType)) return 'config'
  return /layer|diff/.test(mediaType) ? 'layer' : 'blob'
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** Milliseconds until the first reading, and between two readings. */
const FIRST_READING_MS = 1000
const READING_INTERVAL_MS = 250

/** Milliseconds after which two thirds of a change of speed are visible. */
const INERTIA_MS = 3000

export interface Speedometer {
  move(bytes: number): void
  /** Smoothed bytes per second; `undefined` until it is known. */
  read(): number | undefined
}

export function createSpeedometer(now: () => number = Date.now): Speedometer {
  let speed: number | undefined
  let moved = 0
  let since = now()
  return {
    move(bytes) {
      moved += bytes
    },
    read() {
      const elapsed = now() - since
      if (elapsed < (speed === undefined ? FIRST_READING_MS : READING_INTERVAL_MS)) return speed
      const latest = (1000 * moved) / elapsed
      speed = speed === undefined ? latest : speed + (1 - Math.exp(-elapsed / INERTIA_MS)) * (latest - speed)
      since = now()
      moved = 0
      return speed
    },
  }
}
