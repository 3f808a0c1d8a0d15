/** Turns the bytes of one fetch into leaves that match the claim, and ends a fetch that stalls. */
import { abortable } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import { leafLength } from '../../leaf.ts'
import type { HashLeaf } from '../ports.ts'
import { type Claim, hashOf, InvalidClaimError, isEqual } from './claim.ts'
import type { Span } from './leaf-window.ts'

/** Checks within the time after which a peer counts as stalled. Counting checks, a busy process blames no peer. */
const CHECKS_PER_STALL = 5

/** A peer that sends just enough not to count as stalled has this many times as long for one leaf. */
const LEAF_PATIENCE = 12

/** The peer sends nothing, or next to nothing. */
export class StalledError extends Error {
  override readonly name = 'StalledError'
}

export interface Verification {
  readonly claim: Claim
  readonly span: Span
  readonly hashLeaf: HashLeaf
  /** Milliseconds without a byte after which the peer has failed. */
  readonly stall: number
  /** Ends the fetch. It's aborted here if the peer stalls. */
  readonly control: AbortController
  /** Called for all bytes as they arrive. */
  readonly onBytes: (bytes: number) => void
}

/**
 * The leaves of `span` out of `bytes`, each handed over.
 *
 * @throws InvalidClaimError if they aren't those that were claimed, or if there are more
 */
export async function* verifiedLeaves(bytes: Bytes, options: Verification): AsyncGenerator<Uint8Array> {
  const { claim, span, hashLeaf, control } = options
  const watch = watchForStall(options)
  try {
    let number = span.first
    const source = watch.watched(abortable(bytes, control.signal))
    for await (const unverified of rechunk(source, lengthsOf(claim, span))) {
      const { leaf, hash } = await hashLeaf(unverified)
      if (!isEqual(hash, hashOf(claim, number)))
        throw new InvalidClaimError(`leaf ${number} has another hash than claimed`)
      number++
      watch.leafArrived()
      yield leaf
    }
  } finally {
    watch.end()
  }
}

function watchForStall({ stall, control, onBytes }: Verification) {
  let sinceByte = 0
  let sinceLeaf = 0
  const timer = setInterval(() => {
    const isStalled = ++sinceByte > CHECKS_PER_STALL || ++sinceLeaf > LEAF_PATIENCE * CHECKS_PER_STALL
    if (isStalled) control.abort(new StalledError('the peer has stalled'))
  }, stall / CHECKS_PER_STALL)
  return {
    async *watched(bytes: Bytes): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes) {
        sinceByte = 0
        onBytes(chunk.length)
        yield chunk
      }
    },
    leafArrived() {
      sinceLeaf = 0
    },
    end: () => clearInterval(timer),
  }
}

function lengthsOf({ size }: Claim, { first, end }: Span): number[] {
  return Array.from({ length: end - first }, (_, index) => leafLength(size, first + index))
}

/**
 * One buffer for each of `lengths`, handed over. A chunk that is exactly one leaf is passed on uncopied.
 *
 * @throws InvalidClaimError if there are more bytes than that
 * @throws Error if there are fewer
 */
export async function* rechunk(bytes: Bytes, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const missing = [...lengths]
  let leaf: Uint8Array | undefined
  let filled = 0
  for await (let chunk of bytes) {
    while (chunk.length > 0) {
      const length = missing[0]
      if (length === undefined) throw new InvalidClaimError('the peer sends more bytes than were requested')
      if (!leaf && ownsExactly(chunk, length)) {
        missing.shift()
        yield chunk
        break
      }
      leaf ??= new Uint8Array(length)
      const part = chunk.subarray(0, length - filled)
      leaf.set(part, filled)
      filled += part.length
      chunk = chunk.subarray(part.length)
      if (filled < length) continue
      missing.shift()
      yield leaf
      leaf = undefined
      filled = 0
    }
  }
  if (missing.length > 0) throw new Error('the peer ended the stream early')
}

const ownsExactly = (chunk: Uint8Array, length: number): boolean =>
  chunk.length === length && chunk.buffer.byteLength === length
