import { describe, expect, it } from 'vitest'
import {
  LeafWindow,
  MAX_SPAN_LEAVES,
  WINDOW_LEAVES,
} from '../../../../../src/core/swarm/download/leaf-window.ts'
import { bytesOf } from '../seeder.ts'

describe('the window of leaves', () => {
  it('gives each leaf to one fetch, in spans, and no more than fit', () => {
    const window = new LeafWindow(3, 100)
    const spans = Array.from({ length: WINDOW_LEAVES / MAX_SPAN_LEAVES }, () => window.take(MAX_SPAN_LEAVES))
    expect(spans[0]).toEqual({ first: 3, end: 7 })
    expect(spans.at(-1)).toEqual({ first: 3 + WINDOW_LEAVES - MAX_SPAN_LEAVES, end: 3 + WINDOW_LEAVES })
    expect(window.take(MAX_SPAN_LEAVES)).toBeUndefined()
  })

  it('lets leaves leave in order, and moves on', () => {
    const window = new LeafWindow(0, 30)
    while (window.take(MAX_SPAN_LEAVES));
    expect(window.put(1, bytesOf(1))).toBe(true)
    expect(window.shift()).toBeUndefined()
    expect(window.frontier).toBe(0)
    expect(window.put(0, bytesOf(1))).toBe(true)
    expect(window.put(0, bytesOf(1))).toBe(false)
    expect(window.frontier).toBe(2)
    window.shift()
    expect(window.put(0, bytesOf(1))).toBe(false)
    window.shift()
    expect(window.take(MAX_SPAN_LEAVES)).toEqual({ first: WINDOW_LEAVES, end: WINDOW_LEAVES + 2 })
  })

  it('gives leaves to another fetch when they were released before they arrived', () => {
    const window = new LeafWindow(0, 10)
    const span = window.take(4)!
    window.put(0, bytesOf(1))
    window.takeAgain({ first: 1, end: 3 })
    window.release(span)
    expect(window.take(4)).toEqual({ first: 3, end: 7 })
    window.release({ first: 1, end: 3 })
    expect(window.take(4)).toEqual({ first: 1, end: 3 })
  })
})
