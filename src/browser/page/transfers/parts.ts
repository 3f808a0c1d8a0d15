/** The parts of a transfer as they come; the page hears of them a few times a second, however fast they are. */
import type { Signal } from '@preact/signals'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import { createSpeedometer } from './speedometer.ts'
import type { Part, Progress } from './transfer.ts'

/** Milliseconds between two looks. */
const PACE = 100

export type PartUpdate = Pick<Part, 'digest' | 'done' | 'state'> & Partial<Part>

export interface Parts {
  /** What will come; its sizes make the total. */
  expect(blobs: readonly Descriptor[]): void
  update(part: PartUpdate): void
  /** How far the whole is, where that is not the sum of its parts. */
  tell(whole: { readonly done: number; readonly total: number }): void
  /** What never moved was here before. */
  finish(): void
}

/** @param progress - also tells what an earlier run of the same transfer brought: that was not here before */
export function createParts(progress: Signal<Progress>): Parts {
  const brought = new Set(
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
    timer ??= setTimeout(flush, Math.max(0, shownAt + PACE - Date.now()))
  }
  const set = (part: Part) => {
    const state = part.state === 'held' && brought.has(part.digest) ? 'done' : part.state
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
    tell(told) {
      whole = told
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
