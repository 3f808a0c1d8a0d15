/**
 * Answers a peer that wants to take a blob from here: whose turn it is, and then, for as long as it listens, how much
 * it can have. That is all of it, or what has come so far of a blob that is still on its way here.
 */
import type { Bytes, Content } from '../blobs/ports.ts'
import { LEAF_SIZE } from '../catalog/blobs.ts'
import type { Digest } from '../oci/digest.ts'
import { leafCount } from './claims.ts'
import type { Offer, TurnAnswer } from './messages.ts'
import { pause } from './pause.ts'
import type { PeerId } from './ports.ts'
import { createTurns, type Turn } from './turns.ts'

/** A blob on its way here, as far as it has come. Whoever takes it checks it as he would check a whole one. */
export interface Partial {
  readonly offer: Offer
  /** Breaks off where it is asked for more than has come. */
  readonly content: Content
  /** Bytes from the first on, each time that there are more. Ends when they are taken back. */
  progress(signal: AbortSignal): AsyncIterable<number>
}

export interface Turning {
  readonly digest: Digest
  readonly peer: PeerId
  readonly offer: Offer
  /** Where it is not all of it. */
  readonly partial?: Partial | undefined
}

/** Milliseconds after which it says again what it said: streams on which nothing moves are closed. */
const REPEAT = 20_000

/** Bytes of a number of leaves. */
export const COUNT_SIZE = 4

export type AnswerTurn = (turning: Turning, signal: AbortSignal) => { value: TurnAnswer; body: Bytes }

export function createTurnAnswers(): AnswerTurn {
  const turns = createTurns()
  return ({ digest, peer, offer, partial }, signal) => {
    const turn = turns.take(digest, peer, signal)
    const progress = partial?.progress(signal) ?? whole(offer, signal)
    return { value: { offer, instead: turn.instead }, body: counts(turn, offer, progress, signal) }
  }
}

/** None before it is the peer's turn. */
async function* counts(
  { instead, come }: Turn,
  { size }: Offer,
  progress: AsyncIterable<number>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let isTurn = instead.length === 0
  come.then(() => {
    isTurn = true
  })
  while (!isTurn && !signal.aborted) {
    yield bytesOf(0)
    await Promise.race([come, pause(REPEAT, signal)])
  }
  for await (const here of progress)
    yield bytesOf(here === size ? leafCount(size) : Math.floor(here / LEAF_SIZE))
}

async function* whole({ size }: Offer, signal: AbortSignal): AsyncGenerator<number> {
  while (!signal.aborted) {
    yield size
    await pause(REPEAT, signal)
  }
}

function bytesOf(count: number): Uint8Array {
  const bytes = new Uint8Array(COUNT_SIZE)
  new DataView(bytes.buffer).setUint32(0, count)
  return bytes
}
