import { expect, it } from 'vitest'
import type { Digest } from '../../src/core/oci/digest.ts'
import { createTurns, TURNS } from '../../src/core/swarm/turns.ts'

const digest = 'sha256:a' as Digest

/** Takes turns for so many peers, and tells whose have come. */
function line(count: number) {
  const turns = createTurns()
  const come: string[] = []
  const taken = Array.from({ length: count }, (_, index) => {
    const peer = `peer ${index}`
    const leaving = new AbortController()
    const turn = turns.take(digest, peer, leaving.signal)
    turn.come.then(() => come.push(peer))
    return { ...turn, leave: () => leaving.abort() }
  })
  return { turns, taken, come }
}

const names = (from: number, end: number) =>
  Array.from({ length: end - from }, (_, index) => `peer ${from + index}`)

it('is the turn of a few, and the others hear who they are', async () => {
  const { taken, come } = line(TURNS + 2)
  await Promise.resolve()
  expect(come).toEqual(names(0, TURNS))
  for (const { instead } of taken.slice(0, TURNS)) expect(instead).toEqual([])
  for (const { instead } of taken.slice(TURNS)) expect(instead).toEqual(names(0, TURNS))
})

it('is the next one’s turn when one leaves, in the order in which they came', async () => {
  const { taken, come } = line(TURNS + 3)
  taken[TURNS]!.leave()
  taken[0]!.leave()
  taken[1]!.leave()
  await Promise.resolve()
  expect(come).toEqual([...names(0, TURNS), ...names(TURNS + 1, TURNS + 3)])
})

it('keeps blobs apart, and forgets who has left', async () => {
  const { turns, taken } = line(TURNS)
  const { signal } = new AbortController()
  expect(turns.take('sha256:b' as Digest, 'other', signal).instead).toEqual([])
  for (const { leave } of taken) leave()
  expect(turns.take(digest, 'late', signal).instead).toEqual([])
  turns.take(digest, 'gone', AbortSignal.abort())
  expect(turns.take(digest, 'later', signal).instead).toEqual([])
})
