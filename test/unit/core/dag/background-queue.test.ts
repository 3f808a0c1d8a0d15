import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { type BackgroundQueue, createBackgroundQueue } from '../../../../src/core/dag/background-queue.ts'
import { silentLog } from '../../../../src/core/log.ts'

let list: string[]
let bad: Set<string>
let tried: string[]
let queue: BackgroundQueue<string>

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

beforeEach(() => {
  vi.useFakeTimers()
  list = []
  bad = new Set()
  tried = []
  const work = {
    name: 'working',
    async *list() {
      yield* list
    },
    async do(key: string) {
      tried.push(key)
      await Promise.resolve()
      if (bad.has(key)) throw new Error('bad')
    },
  }
  queue = createBackgroundQueue(work, silentLog)
  onTestFinished(async () => {
    await queue.close()
    vi.useRealTimers()
  })
})

describe('the queue', () => {
  it('works on what is added, and on the list after a sweep', async () => {
    list = ['a', 'b']
    queue.add('c')
    await pass(0)
    expect(tried).toEqual(['c'])
    queue.sweep()
    await pass(0)
    expect(tried).toEqual(['c', 'a', 'b'])
  })

  it('works on what is added before the rest of the list', async () => {
    list = ['a', 'b', 'c']
    queue.sweep()
    queue.add('x')
    await pass(0)
    expect(tried.indexOf('x')).toBeLessThan(tried.indexOf('c'))
  })

  it('retries failed work with growing delays, without delaying other work', async () => {
    bad.add('a')
    list = ['a', 'b']
    queue.sweep()
    await pass(0)
    expect(tried).toEqual(['a', 'b'])
    await pass(999)
    expect(tried).toHaveLength(2)
    await pass(1)
    expect(tried).toEqual(['a', 'b', 'a'])
    await pass(1999)
    expect(tried).toHaveLength(3)
    await pass(1)
    expect(tried).toHaveLength(4)
    bad.clear()
    await pass(4000)
    expect(tried).toHaveLength(5)
    await pass(1_000_000)
    expect(tried).toHaveLength(5)
  })

  it('retries after five minutes at most', async () => {
    bad.add('a')
    queue.add('a')
    await pass(3_600_000)
    const before = tried.length
    await pass(300_000)
    expect(tried).toHaveLength(before + 1)
  })

  it('does not retry early because of a sweep', async () => {
    bad.add('a')
    list = ['a']
    queue.sweep()
    await pass(0)
    queue.sweep()
    await pass(0)
    expect(tried).toEqual(['a'])
  })

  it('retries at once what is added again, and only once', async () => {
    bad.add('a')
    queue.add('a')
    await pass(500)
    bad.clear()
    queue.add('a')
    await pass(100_000)
    expect(tried).toEqual(['a', 'a'])
  })

  it('does nothing after it was closed', async () => {
    bad.add('a')
    queue.add('a')
    await pass(0)
    await queue.close()
    queue.add('b')
    queue.sweep()
    await pass(100_000)
    expect(tried).toEqual(['a'])
  })
})
