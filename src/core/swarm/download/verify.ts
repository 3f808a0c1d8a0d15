/** One fetch from one peer by one road: nothing leaves here that is not what was claimed, and nothing waits for ever. */
import { abortable } from '../../async/abortable.ts'
import type { Bytes } from '../../blobs/ports.ts'
import { leafLength } from '../../leaf.ts'
import type { HashLeaf } from '../ports.ts'
import { type Claim, hashOf, InvalidClaimError, isEqual } from './claim.ts'
import type { Span } from './leaf-window.ts'

/** Looks in the time after which a peer counts as stalled. Looks are counted, so a busy process blames nobody. */
const LOOKS = 5

/** A peer that sends just enough not to count as stalled has this many times as long for one leaf. */
const PATIENCE = 12

/** It sends nothing, or next to nothing. */
export class Stalled extends Error {
  override readonly name = 'Stalled'
}

export interface Verification {
  readonly claim: Claim
  readonly span: Span
  readonly hashLeaf: HashLeaf
  /** Milliseconds without a byte. */
  readonly stall: number
  /** Ends the fetch; is aborted here where the peer stalls. */
  readonly control: AbortController
  /** Told of all bytes as they come. */
  readonly onBytes: (bytes: number) => void
}

/**
 * The leaves of `span` out of `bytes`, each handed over.
 *
 * @throws Lie where they are not the ones claimed, or where there are more
 */
export async function* verifiedLeaves(bytes: Bytes, options: Verification): AsyncGenerator<Uint8Array> {
  const { claim, span, hashLeaf, control } = options
  const watch = watchOver(options)
  try {
    let number = span.first
    const source = watch.seen(abortable(bytes, control.signal))
    for await (const partialBlob of rechunk(source, lengthsOf(claim, span))) {
      const { leaf, hash } = await hashLeaf(partialBlob)
      if (!isEqual(hash, hashOf(claim, number))) throw new InvalidClaimError(`leaf ${number} is wrong`)
      number++
      watch.leafCame()
      yield leaf
    }
  } finally {
    watch.end()
  }
}

function watchOver({ stall, control, onBytes }: Verification) {
  let sinceByte = 0
  let sinceLeaf = 0
  const timer = setInterval(() => {
    if (++sinceByte > LOOKS || ++sinceLeaf > PATIENCE * LOOKS) control.abort(new Stalled('stalled'))
  }, stall / LOOKS)
  return {
    async *seen(bytes: Bytes): AsyncGenerator<Uint8Array> {
      for await (const chunk of bytes) {
        sinceByte = 0
        onBytes(chunk.length)
        yield chunk
      }
    },
    leafCame() {
      sinceLeaf = 0
    },
    end: () => clearInterval(timer),
  }
}

function lengthsOf({ size }: Claim, { first, end }: Span): number[] {
  return Array.from({ length: end - first }, (_, index) => leafLength(size, first + index))
}

/**
 * One buffer for each of `lengths`, its own, handed over. A chunk that is exactly one leaf is passed on uncopied.
 *
 * @throws Lie where there are more bytes than that
 * @throws Error where there are fewer
 */
export async function* rechunk(bytes: Bytes, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  const [...open] = lengths
  let leaf: Uint8Array | undefined
  let filled = 0
  for await (let chunk of bytes) {
    while (chunk.length > 0) {
      const length = open[0]
      if (length === undefined) throw new InvalidClaimError('more bytes than were asked for')
      if (!leaf && ownsExactly(chunk, length)) {
        open.shift()
        yield chunk
        break
      }
      leaf ??= new Uint8Array(length)
      const part = chunk.subarray(0, length - filled)
      leaf.set(part, filled)
      filled += part.length
      chunk = chunk.subarray(part.length)
      if (filled < length) continue
      open.shift()
      yield leaf
      leaf = undefined
      filled = 0
    }
  }
  if (open.length > 0) throw new Error('ended early')
}

const ownsExactly = (chunk: Uint8Array, length: number): boolean =>
  chunk.length === length && chunk.buffer.byteLength === length
