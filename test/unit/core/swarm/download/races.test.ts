/** Who fetches what a second time, and how many are asked at once: with clocks that the test sets. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFetches, OUTRUN, type Participant } from '../../../../../src/core/swarm/download/fetches.ts'
import { createPace } from '../../../../../src/core/swarm/download/pace.ts'
import { type Asked, createPlaces } from '../../../../../src/core/swarm/download/places.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const pass = (milliseconds: number): void => void vi.advanceTimersByTime(milliseconds)

const MIB = 1024 * 1024

describe('the fetches of a transfer', () => {
  const participant = (peer: string): Participant => ({
    peer,
    source: {
      peer,
      offer: { size: MIB, root: 'r', fetchers: {} },
      available: 8,
      pace: createPace(),
    } as never,
    fetchers: new Set(),
    hasGiven: false,
    isSlow: false,
    outruns: 0,
  })

  function open() {
    const outrun: string[] = []
    return { outrun, fetches: createFetches({ stall: 10_000, onOutrun: (peer) => outrun.push(peer) }) }
  }

  const SPAN = { first: 0, end: 4 }

  it('are left to who fetches them while they come', () => {
    const { fetches } = open()
    const fetch = fetches.begin(participant('a'), SPAN)
    pass(100)
    fetches.heard(fetch, MIB / 2)
    expect(fetches.late(0, participant('b'))).toBeUndefined()
  })

  it('are given to one more where the leaf that is waited for takes too long', () => {
    const { fetches } = open()
    const fetch = fetches.begin(participant('a'), SPAN)
    fetches.heard(fetch, MIB / 2)
    pass(600)
    expect(fetches.late(0, participant('b'))).toEqual(SPAN)
    fetches.begin(participant('b'), SPAN)
    expect(fetches.late(0, participant('c'))).toBeUndefined()
  })

  it('are not given to the same again', () => {
    const { fetches } = open()
    const a = participant('a')
    fetches.begin(a, SPAN)
    pass(5000)
    expect(fetches.late(0, a)).toBeUndefined()
  })

  it('are given to two others for each that is mute, also of leaves that nobody waits for yet', () => {
    const { fetches } = open()
    fetches.begin(participant('a'), { first: 4, end: 8 })
    pass(300)
    expect(fetches.isMute('a')).toBe(true)
    for (const name of ['b', 'c']) {
      const by = participant(name)
      expect(fetches.late(0, by)).toEqual({ first: 4, end: 8 })
      fetches.begin(by, { first: 4, end: 8 })
    }
    expect(fetches.late(0, participant('d'))).toBeUndefined()
  })

  it('break off the slower of two, who is blamed when that happens again and again', () => {
    const { fetches, outrun } = open()
    const [quick, slow] = [participant('quick'), participant('slow')]
    slow.hasGiven = true
    for (let leaf = 0; leaf < 3; leaf++) {
      const span = { first: leaf, end: leaf + 1 }
      const late = fetches.begin(slow, span)
      const won = fetches.begin(quick, span)
      fetches.heard(late, MIB / 2)
      pass(50)
      fetches.came(won, { isFirst: true })
      expect(late.control.signal.reason).toBe(OUTRUN)
      expect(outrun).toEqual(leaf < 2 ? [] : ['slow'])
      fetches.end(late)
      fetches.end(won)
    }
    expect(slow.isSlow).toBe(true)
    expect(fetches.isEmpty).toBe(true)
  })

  it('blame at once who has sent nothing, ever', () => {
    const { fetches, outrun } = open()
    fetches.begin(participant('mute'), SPAN)
    pass(600)
    fetches.came(fetches.begin(participant('quick'), SPAN), { isFirst: true })
    expect(outrun).toEqual(['mute'])
  })
})

describe('the places of holders', () => {
  const provider = (peer: string, state: Asked['state'] = 'feeding'): Asked => {
    const pace = createPace()
    pace.begin()
    return { peer, pace, state }
  }
  const mute = new Set<string>()
  const placesFor = (asked: readonly Asked[]) =>
    createPlaces({ asked: () => asked, isMute: (peer) => mute.has(peer) })

  afterEach(() => mute.clear())

  it('are four', () => {
    const four = ['a', 'b', 'c', 'd'].map((peer) => provider(peer))
    expect(placesFor(four.slice(1)).hasRoom).toBe(true)
    expect(placesFor(four).hasRoom).toBe(false)
  })

  it('are not taken by those that send nothing', () => {
    const four = ['a', 'b', 'c', 'd'].map((peer) => provider(peer))
    mute.add('a')
    expect(placesFor(four).hasRoom).toBe(true)
  })

  it('are not taken by those that do not say whether they give', () => {
    const four = ['a', 'b', 'c', 'd'].map((peer) => provider(peer, 'asked'))
    expect(placesFor(four).hasRoom).toBe(false)
    pass(300)
    expect(placesFor(four).hasRoom).toBe(true)
  })

  it('end somewhere, also for those', () => {
    const many = Array.from({ length: 16 }, (_, number) => provider(`${number}`))
    for (const { peer } of many) mute.add(peer)
    expect(placesFor(many).hasRoom).toBe(false)
  })

  it('are left by the slowest whose turn is over, and only when all are taken', () => {
    const four = ['a', 'b', 'c', 'd'].map((peer) => provider(peer))
    const places = placesFor(four)
    expect(places.whoMakesWay()).toBeUndefined()
    pass(600)
    for (const { peer, pace } of four) pace.note(peer === 'c' ? 1000 : 4 * MIB)
    expect(places.whoMakesWay()?.peer).toBe('c')
    expect(placesFor(four.slice(1)).whoMakesWay()).toBeUndefined()
  })
})
