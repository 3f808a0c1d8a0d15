/** What a peer keeps for a DHT, and how fast it takes it. */
import { Key } from 'interface-datastore'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createRateLimiter } from '../../../../../src/core/async/rate-limit.ts'
import { DhtRecords } from '../../../../../src/core/libp2p/dht/records.ts'

const VALUE = Uint8Array.of(1)
const LIMITS = { maxRecords: 10, maxPerPeer: 4, maxPerContent: 3 }

const keyOf = (content: string, peer: string): Key => new Key(`/dht/provider/${content}/${peer}`)

describe('records', () => {
  let records: DhtRecords

  beforeEach(() => {
    records = new DhtRecords('SELF', LIMITS)
  })

  const put = (content: string, peer: string) => records.put(keyOf(content, peer), VALUE)
  const peersOf = async (prefix: string) => {
    const all = await Array.fromAsync(records.query({ prefix }))
    return all.map(({ key }) => key.toString().split('/').slice(-2).join(' '))
  }

  it('are found by what they are of', async () => {
    put('A', 'one')
    put('B', 'two')
    put('A', 'three')
    expect(await peersOf('/dht/provider/A')).toEqual(['A one', 'A three'])
    expect(await peersOf('/dht/provider')).toEqual(['A one', 'B two', 'A three'])
    expect(await peersOf('/dht/provider/C')).toEqual([])
    expect(records.get(keyOf('A', 'one'))).toEqual(VALUE)
    records.delete(keyOf('A', 'one'))
    expect(records.has(keyOf('A', 'one'))).toBe(false)
    expect(() => records.get(keyOf('A', 'one'))).toThrow('not found')
  })

  it('of one peer are few', async () => {
    for (const content of 'ABCDEF') put(content, 'one')
    expect(await peersOf('/dht')).toEqual(['C one', 'D one', 'E one', 'F one'])
  })

  it('of one content are few, and what is told again is new', async () => {
    for (const peer of ['one', 'two', 'three', 'one', 'four']) put('A', peer)
    expect(await peersOf('/dht')).toEqual(['A three', 'A one', 'A four'])
  })

  it('are few in all', async () => {
    for (let number = 0; number < 30; number++) put(`C${number}`, `P${number}`)
    expect(await peersOf('/dht')).toHaveLength(10)
    expect(records.has(keyOf('C29', 'P29'))).toBe(true)
  })

  it('of this peer stay, however many others come', async () => {
    for (let number = 0; number < 20; number++) put(`C${number}`, 'SELF')
    for (let number = 0; number < 30; number++) put(`D${number}`, `P${number}`)
    expect((await peersOf('/dht')).filter((text) => text.endsWith('SELF'))).toHaveLength(20)
  })

  it('that are long are not taken', () => {
    expect(() => records.put(keyOf('A', 'one'), new Uint8Array(20_000))).toThrow(RangeError)
  })
})

describe('the pace', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** How many of so many calls are done after a second. */
  async function doneInSecond(calls: readonly string[]): Promise<number> {
    const pace = createRateLimiter({ perSecond: 10, burst: 5 }, { perSecond: 20, burst: 10 })
    await vi.advanceTimersByTimeAsync(10_000)
    let done = 0
    for (const who of calls) void pace(who).then(() => done++)
    await vi.advanceTimersByTimeAsync(1000)
    return done
  }

  it('is that of one who is alone', async () => {
    expect(await doneInSecond(Array(100).fill('one'))).toBe(15)
  })

  it('is that of all, of several', async () => {
    expect(await doneInSecond(Array.from({ length: 100 }, (_, index) => `P${index}`))).toBe(30)
  })
})
