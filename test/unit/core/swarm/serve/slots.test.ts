import { expect, it } from 'vitest'
import type { Digest } from '../../../../../src/core/oci/digest.ts'
import { createSlots, SLOTS_PER_BLOB } from '../../../../../src/core/swarm/serve/slots.ts'

const digest = 'sha256:a' as Digest

/** Takes turns for so many peers, and tells whose have come. */
function line(count: number) {
  const turns = createSlots()
  const come: string[] = []
  const taken = Array.from({ length: count }, (_, index) => {
    const peer = `peer ${index}`
    const leaving = new AbortController()
    const turn = turns.join(digest, peer, leaving.signal)
    turn.granted.then(() => come.push(peer))
    return { ...turn, leave: () => leaving.abort() }
  })
  return { turns, taken, come }
}

const names = (from: number, end: number) =>
  Array.from({ length: end - from }, (_, index) => `peer ${from + index}`)

it('is granted to a few, and the others hear which peers have one', async () => {
  const { taken, come } = line(SLOTS_PER_BLOB + 2)
  await Promise.resolve()
  expect(come).toEqual(names(0, SLOTS_PER_BLOB))
  for (const { alternatives: instead } of taken.slice(0, SLOTS_PER_BLOB)) expect(instead).toEqual([])
  for (const { alternatives: instead } of taken.slice(SLOTS_PER_BLOB))
    expect(instead).toEqual(names(0, SLOTS_PER_BLOB))
})

it('is the next one’s turn when one leaves, in the order in which they came', async () => {
  const { taken, come } = line(SLOTS_PER_BLOB + 3)
  taken[SLOTS_PER_BLOB]!.leave()
  taken[0]!.leave()
  taken[1]!.leave()
  await Promise.resolve()
  expect(come).toEqual([...names(0, SLOTS_PER_BLOB), ...names(SLOTS_PER_BLOB + 1, SLOTS_PER_BLOB + 3)])
})

it('keeps blobs separate, and forgets peers that have left', async () => {
  const { turns, taken } = line(SLOTS_PER_BLOB)
  const { signal } = new AbortController()
  expect(turns.join('sha256:b' as Digest, 'other', signal).alternatives).toEqual([])
  for (const { leave } of taken) leave()
  expect(turns.join(digest, 'late', signal).alternatives).toEqual([])
  turns.join(digest, 'gone', AbortSignal.abort())
  expect(turns.join(digest, 'later', signal).alternatives).toEqual([])
})
