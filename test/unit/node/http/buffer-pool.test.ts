/** The memory that pulls read files into. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BufferPool } from '../../../../src/node/http/buffer-pool.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('is used again', () => {
  const memory = new BufferPool(16, 1)
  const piece = memory.acquire()
  memory.release(piece)
  expect(memory.acquire()).toBe(piece)
  expect(memory.acquire()).not.toBe(piece)
})

it('is let go ten seconds after the last reader, and then used again anew', () => {
  const memory = new BufferPool(16, 8)
  const piece = memory.acquire()
  memory.release(piece)
  vi.advanceTimersByTime(9000)
  memory.release(memory.acquire())
  vi.advanceTimersByTime(9000)
  expect(memory.acquire()).toBe(piece)
  memory.release(piece)
  vi.advanceTimersByTime(10_000)
  const other = memory.acquire()
  expect(other).not.toBe(piece)
  memory.release(other)
  expect(memory.acquire()).toBe(other)
})
