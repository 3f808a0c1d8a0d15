/** How many sources there are at once, and which gives way, with clocks that the test sets. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  hasRoom,
  pickToReplace,
  Source,
  type SourceState,
} from '../../../../../src/core/swarm/download/source.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)

const MIB = 1024 * 1024

function sourceOf(peer: string, state: SourceState = 'giving'): Source {
  const source = new Source({ peer, offer: { size: MIB } }, true)
  source.state = state
  source.throughput.beginSlice()
  return source
}

describe('sources side by side', () => {
  const mute = new Set<string>()
  const isMute = ({ peer }: Source) => mute.has(peer)
  const four = (state?: SourceState) => ['a', 'b', 'c', 'd'].map((peer) => sourceOf(peer, state))

  afterEach(() => mute.clear())

  it('are four', () => {
    expect(hasRoom(four().slice(1), isMute)).toBe(true)
    expect(hasRoom(four(), isMute)).toBe(false)
  })

  it('are more if some of them send nothing', () => {
    mute.add('a')
    expect(hasRoom(four(), isMute)).toBe(true)
  })

  it('are more if some of them do not answer', () => {
    const requested = four('requested')
    expect(hasRoom(requested, isMute)).toBe(false)
    pass(300)
    expect(hasRoom(requested, isMute)).toBe(true)
  })

  it('are sixteen at most', () => {
    const many = Array.from({ length: 16 }, (_, number) => sourceOf(`${number}`))
    for (const { peer } of many) mute.add(peer)
    expect(hasRoom(many, isMute)).toBe(false)
  })

  it('are replaced, the slowest first, once its slice is over and there is no room', () => {
    const sources = four()
    expect(pickToReplace(sources, isMute)).toBeUndefined()
    pass(600)
    for (const { peer, throughput } of sources) throughput.add(peer === 'c' ? 1000 : 4 * MIB)
    expect(pickToReplace(sources, isMute)?.peer).toBe('c')
    expect(pickToReplace(sources.slice(1), isMute)).toBeUndefined()
  })
})
