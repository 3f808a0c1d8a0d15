/** Which of several gives up its slot to one that waits, with clocks that the test sets. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pickToPreempt, SLICE_MS, Throughput } from '../../../../../src/core/swarm/download/throughput.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)

const MIB = 1024 * 1024

/** Each receives so many bytes a second for a time slice. */
function running(rates: readonly number[]) {
  const all = rates.map((rate) => ({ rate, throughput: new Throughput() }))
  for (const { throughput } of all) throughput.beginSlice()
  for (let time = 0; time < SLICE_MS; time += 50) {
    for (const { rate, throughput } of all) throughput.add(rate / 20)
    pass(50)
  }
  return all
}

describe('throughput', () => {
  it('is what arrives a second', () => {
    const [one] = running([MIB])
    expect(one!.throughput.rate / MIB).toBeGreaterThan(0.6)
    expect(one!.throughput.rate / MIB).toBeLessThan(1.1)
  })

  it('falls when nothing arrives any more', () => {
    const [one] = running([MIB])
    const before = one!.throughput.rate
    pass(250)
    expect(one!.throughput.rate).toBeLessThan(0.6 * before)
  })

  it('is measured in time slices, each twice as long as the one before, up to a limit', () => {
    const throughput = new Throughput(10)
    const lengths = Array.from({ length: 9 }, () => {
      throughput.beginSlice()
      const start = performance.now()
      while (!throughput.isSliceOver) pass(10)
      return performance.now() - start
    })
    expect(lengths).toEqual([10, 20, 40, 80, 160, 320, 640, 640, 640])
  })
})

describe('the one to preempt', () => {
  const rateOf = (rates: readonly number[], options?: { isFair: boolean }) =>
    pickToPreempt(running(rates), options)?.rate

  it('is the slowest, if it is much slower than the fastest', () => {
    expect(rateOf([8 * MIB, MIB, 4 * MIB])).toBe(MIB)
    expect(rateOf([8 * MIB, 4 * MIB])).toBeUndefined()
  })

  it('is nobody before its slice is over', () => {
    const [one] = running([1])
    one!.throughput.beginSlice()
    expect(pickToPreempt([one!])).toBeUndefined()
  })

  it('may be the fastest only if that is slow', () => {
    expect(rateOf([1000])).toBe(1000)
    expect(rateOf([MIB])).toBeUndefined()
  })

  it('is also one that keeps up with the fastest, if slots are shared fairly', () => {
    expect(rateOf([8 * MIB, 4 * MIB], { isFair: true })).toBe(4 * MIB)
    expect(rateOf([8 * MIB], { isFair: true })).toBeUndefined()
  })
})
