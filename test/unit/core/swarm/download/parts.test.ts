import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { createDownloadSlots } from '../../../../../src/core/swarm/download/download-slots.ts'
import { createLeafWindow, SPAN, WINDOW } from '../../../../../src/core/swarm/download/leaf-window.ts'
import { createPace } from '../../../../../src/core/swarm/download/pace.ts'
import { rechunk } from '../../../../../src/core/swarm/download/verify.ts'
import { createPeerBackoff } from '../../../../../src/core/swarm/lookup/peer-backoff.ts'
import { bytesOf } from '../seeder.ts'

describe('the window', () => {
  it('deals each leaf once, in spans, so many at once', () => {
    const window = createLeafWindow(3, 100)
    const spans = Array.from({ length: WINDOW / SPAN }, () => window.take(SPAN))
    expect(spans[0]).toEqual({ first: 3, end: 7 })
    expect(spans.at(-1)).toEqual({ first: 3 + WINDOW - SPAN, end: 3 + WINDOW })
    expect(window.take(SPAN)).toBeUndefined()
  })

  it('gives leaves in order and moves on', () => {
    const window = createLeafWindow(0, 30)
    while (window.take(SPAN));
    expect(window.put(1, bytesOf(1))).toBe(true)
    expect(window.shift()).toBeUndefined()
    expect(window.frontier).toBe(0)
    expect(window.put(0, bytesOf(1))).toBe(true)
    expect(window.put(0, bytesOf(1))).toBe(false)
    expect(window.frontier).toBe(2)
    window.shift()
    expect(window.put(0, bytesOf(1))).toBe(false)
    window.shift()
    expect(window.take(SPAN)).toEqual({ first: WINDOW, end: WINDOW + 2 })
  })

  it('deals again what was released and has not come', () => {
    const window = createLeafWindow(0, 10)
    const span = window.take(4)!
    window.put(0, bytesOf(1))
    window.takeAgain({ first: 1, end: 3 })
    window.release(span)
    expect(window.take(4)).toEqual({ first: 3, end: 7 })
    window.release({ first: 1, end: 3 })
    expect(window.take(4)).toEqual({ first: 1, end: 3 })
  })
})

describe('gathering', () => {
  async function* cut(bytes: Uint8Array, lengths: readonly number[]) {
    let start = 0
    for (const length of lengths) {
      yield bytes.slice(start, start + length)
      start += length
    }
    if (start < bytes.length) yield bytes.slice(start)
  }

  it('makes leaves of chunks of any size', async () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(lengths, fc.array(fc.nat(40)), async (leaves, chunks) => {
        const bytes = bytesOf(leaves.reduce((sum, length) => sum + length))
        const partialBlob = await Array.fromAsync(rechunk(cut(bytes, chunks), leaves))
        expect(partialBlob.map((leaf) => leaf.length)).toEqual(leaves)
        expect(Buffer.concat(partialBlob)).toEqual(Buffer.from(bytes))
        for (const leaf of partialBlob) expect(leaf.buffer.byteLength).toBe(leaf.length)
      }),
    )
  })

  it('passes a chunk on that is one leaf', async () => {
    const leaf = bytesOf(10)
    expect((await rechunk(cutNot(leaf), [10]).next()).value).toBe(leaf)
  })

  it.each([
    ['more', 21, 'more bytes than were asked for'],
    ['fewer', 19, 'ended early'],
  ])('fails where there are %s', async (_, length, message) => {
    await expect(Array.fromAsync(rechunk(cut(bytesOf(length), [7]), [10, 10]))).rejects.toThrow(message)
  })

  async function* cutNot(bytes: Uint8Array) {
    yield bytes
  }
})

describe('standing', () => {
  it('keeps a peer aside for longer each time, and forgets when it has proved itself', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 })
    try {
      const backoff = createPeerBackoff()
      const times = Array.from({ length: 6 }, () => {
        backoff.penalize('a', 'failed', 'x')
        backoff.penalize('a', 'failed', 'seen twice')
        const { until } = backoff.blockOf('a')!
        const time = until - Date.now()
        vi.setSystemTime(until)
        return time / 1000
      })
      expect(times).toEqual([5, 10, 20, 40, 60, 60])
      backoff.reward('a')
      backoff.penalize('a', 'failed', 'x')
      expect(backoff.blockOf('a')?.until).toBe(Date.now() + 5000)
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not forgive a lie for a failure or a success', () => {
    const backoff = createPeerBackoff()
    backoff.penalize('a', 'failed', 'slow')
    backoff.penalize('a', 'lied', 'false leaf')
    backoff.penalize('a', 'failed', 'slow')
    backoff.reward('a')
    expect(backoff.blockOf('a')).toMatchObject({ fault: 'lied', reason: 'false leaf' })
    expect(backoff.blockOf('b')).toBeUndefined()
  })
})

describe('slots', () => {
  const { signal } = new AbortController()

  it('let so many work at once', async () => {
    const slots = createDownloadSlots(2)
    let working = 0
    const work = async () => {
      expect(++working).toBeLessThanOrEqual(2)
      await new Promise((resolve) => setTimeout(resolve))
      working--
    }
    await Promise.all(Array.from({ length: 10 }, () => slots.hold(work, { signal, pace: createPace() })))
  })

  it('let go of who will not wait', async () => {
    const slots = createDownloadSlots(1)
    const wait = Promise.withResolvers<void>()
    const first = slots.hold(() => wait.promise, { signal, pace: createPace() })
    const leaving = new AbortController()
    const second = slots.hold(async () => {}, { signal: leaving.signal, pace: createPace() })
    leaving.abort(new Error('gone'))
    await expect(second).rejects.toThrow('gone')
    wait.resolve()
    await first
    await slots.hold(async () => {}, { signal, pace: createPace() })
  })

  it('turn away who comes when too many wait, but for what is urgent', async () => {
    const slots = createDownloadSlots(1)
    const wait = Promise.withResolvers<void>()
    const hold = (isUrgent = false) =>
      slots.hold(() => wait.promise, { signal, pace: createPace(), isUrgent })
    const all = Array.from({ length: 1 + 256 }, () => hold())
    await expect(hold()).rejects.toMatchObject({ code: 'TOOMANYREQUESTS' })
    all.push(hold(true))
    wait.resolve()
    await Promise.all(all)
    await hold()
  })
})
