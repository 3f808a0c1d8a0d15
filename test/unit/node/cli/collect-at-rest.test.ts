/** A registry collects its garbage once it is idle after work, and not again before there is more work. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { collectAtRest } from '../../../../src/node/cli/collect-at-rest.ts'

const SECOND = 1_000_000

let used: number
let collections: number
let end: () => void

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(process, 'cpuUsage').mockImplementation(() => ({ user: used, system: 0 }))
  used = SECOND
  collections = 0
  end = collectAtRest(() => {
    collections++
    used += SECOND / 20
  })
})

afterEach(() => {
  end()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Each number is the time of the processor that was used in the ten seconds that pass. */
function pass(...seconds: number[]): void {
  for (const more of seconds) {
    used += more * SECOND
    vi.advanceTimersByTime(10_000)
  }
}

it.each([
  ['a start', [0, 0], 1],
  ['nothing more', [0, 0, 0, 0, 0, 0, 0], 1],
  ['what peers say to each other', [0.05, 0.05, 0.05, 0.05], 1],
  ['a pause of ten seconds', [5, 0, 5, 0, 5, 0], 0],
  ['work without a pause', [5, 1, 0.5, 0.5], 0],
  ['work after a rest', [0, 0, 0, 2, 0, 0], 2],
  ['two times of work', [0, 0, 2, 0, 0, 2, 0, 0], 3],
])('after %s', (_, seconds, expected) => {
  pass(...seconds)
  expect(collections).toBe(expected)
})

it('can collect, and no code of the program can', () => {
  end()
  end = collectAtRest()
  expect(() => pass(0, 0)).not.toThrow()
  expect('gc' in globalThis).toBe(false)
})
