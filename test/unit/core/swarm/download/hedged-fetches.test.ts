/** Which leaf is fetched a second time, and which source loses, with clocks that the test sets. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { HedgedFetches, LOST_RACE } from '../../../../../src/core/swarm/download/hedged-fetches.ts'
import { Source } from '../../../../../src/core/swarm/download/source.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)

const MIB = 1024 * 1024

const sourceOf = (peer: string): Source => new Source({ peer, offer: { size: MIB } }, true)

describe('fetches of one blob', () => {
  const open = () => new HedgedFetches(10_000)
  const SPAN = { first: 0, end: 4 }

  it('are not hedged while they make progress', () => {
    const fetches = open()
    const fetch = fetches.begin(sourceOf('a'), SPAN)
    pass(100)
    fetch.bytes += MIB / 2
    expect(fetches.hedge(0, sourceOf('b'))).toBeUndefined()
  })

  it('are hedged by one more source if the leaf that readers wait for takes too long', () => {
    const fetches = open()
    fetches.begin(sourceOf('a'), SPAN).bytes += MIB / 2
    pass(600)
    expect(fetches.hedge(0, sourceOf('b'))).toEqual(SPAN)
    fetches.begin(sourceOf('b'), SPAN)
    expect(fetches.hedge(0, sourceOf('c'))).toBeUndefined()
  })

  it('are not hedged by the same source', () => {
    const fetches = open()
    const a = sourceOf('a')
    fetches.begin(a, SPAN)
    pass(5000)
    expect(fetches.hedge(0, a)).toBeUndefined()
  })

  it('are hedged by two others for each source that is mute, even if nobody waits for the leaf yet', () => {
    const fetches = open()
    const a = sourceOf('a')
    fetches.begin(a, { first: 4, end: 8 })
    pass(300)
    expect(fetches.isMute(a)).toBe(true)
    for (const name of ['b', 'c']) {
      const other = sourceOf(name)
      expect(fetches.hedge(0, other)).toEqual({ first: 4, end: 8 })
      fetches.begin(other, { first: 4, end: 8 })
    }
    expect(fetches.hedge(0, sourceOf('d'))).toBeUndefined()
  })

  it('are aborted when another is faster, and a source that loses three races in a row is useless', () => {
    const fetches = open()
    const [quick, slow] = [sourceOf('quick'), sourceOf('slow')]
    slow.hasGiven = true
    for (let leaf = 0; leaf < 3; leaf++) {
      const span = { first: leaf, end: leaf + 1 }
      const late = fetches.begin(slow, span)
      const won = fetches.begin(quick, span)
      late.bytes += MIB / 2
      pass(50)
      expect(fetches.leafArrived(won, { isFirst: true })).toEqual(leaf < 2 ? [] : [slow])
      expect(late.control.signal.reason).toBe(LOST_RACE)
      fetches.end(late)
      fetches.end(won)
    }
    expect(slow.isSlow).toBe(true)
    expect(fetches.isEmpty).toBe(true)
  })

  it('tell at once that a source is useless if it has never sent anything', () => {
    const fetches = open()
    const mute = sourceOf('mute')
    fetches.begin(mute, SPAN)
    pass(600)
    expect(fetches.leafArrived(fetches.begin(sourceOf('quick'), SPAN), { isFirst: true })).toEqual([mute])
  })
})
