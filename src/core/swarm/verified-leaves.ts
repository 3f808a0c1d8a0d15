/** One fetch from one peer by one road: nothing leaves here that is not what was claimed, and nothing waits for ever. */
import type { Bytes } from '../blobs/ports.ts'
import { untilAborted } from '../blobs/until-aborted.ts'
import { type Claim, hashOf, isEqual, Lie, leafLength } from './claims.ts'
import { gather } from './gather.ts'
import type { HashLeaf } from './ports.ts'
import type { Span } from './window.ts'

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
    const source = watch.seen(untilAborted(bytes, control.signal))
    for await (const gathered of gather(source, lengthsOf(claim, span))) {
      const { leaf, hash } = await hashLeaf(gathered)
      if (!isEqual(hash, hashOf(claim, number))) throw new Lie(`leaf ${number} is wrong`)
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
