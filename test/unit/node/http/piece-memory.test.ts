/** The memory that pulls read files into. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { PieceMemory } from '../../../../src/node/http/piece-memory.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('is used again', () => {
  const memory = new PieceMemory(16, 1)
  const piece = memory.take()
  memory.give(piece)
  expect(memory.take()).toBe(piece)
  expect(memory.take()).not.toBe(piece)
})

it('is let go ten seconds after the last reader, and then used again anew', () => {
  const memory = new PieceMemory(16, 8)
  const piece = memory.take()
  memory.give(piece)
  vi.advanceTimersByTime(9000)
  memory.give(memory.take())
  vi.advanceTimersByTime(9000)
  expect(memory.take()).toBe(piece)
  memory.give(piece)
  vi.advanceTimersByTime(10_000)
  const other = memory.take()
  expect(other).not.toBe(piece)
  memory.give(other)
  expect(memory.take()).toBe(other)
})
