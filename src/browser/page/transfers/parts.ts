/** The parts of a transfer as they come; the page hears of them a few times a second, however fast they are. */
import type { Signal } from '@preact/signals'
import type { Descriptor } from '../../../core/oci/descriptor.ts'
import type { Part, Progress } from './transfers-state.ts'

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

export function createParts(progress: Signal<Progress>): Parts {
  const parts = new Map<string, Part>()
  let whole: { readonly done: number; readonly total: number } | undefined
  let shownAt = 0
  const flush = () => {
    shownAt = Date.now()
    const list = [...parts.values()]
    const isKnown = list.every(({ size }) => size !== undefined)
    progress.value = {
      parts: list,
      done: sum(list.map(({ done }) => done)),
      total: isKnown ? sum(list.map(({ size }) => size ?? 0)) : undefined,
      ...whole,
    }
  }
  const update = (part: PartUpdate) => {
    const known = parts.get(part.digest)
    parts.set(part.digest, { kind: 'blob', size: undefined, ...known, ...part })
    if (known?.state !== part.state || Date.now() - shownAt > PACE) flush()
  }
  return {
    expect(blobs) {
      for (const { digest, size, mediaType } of blobs)
        parts.set(digest, { digest, kind: kindOf(mediaType), size, done: 0, state: 'waiting' })
      flush()
    },
    update,
    tell(told) {
      whole = told
      if (Date.now() - shownAt > PACE) flush()
    },
    finish() {
      for (const [digest, part] of parts) {
        const state = part.state === 'waiting' ? 'held' : 'done'
        parts.set(digest, { ...part, done: part.size ?? part.done, state })
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
