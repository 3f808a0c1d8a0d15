/** Blobs that every process of a test makes for itself from a few words, so that no file need be handed around. */

import { createHash } from 'node:crypto'
import { incompressible } from '../../fixtures/layer.ts'
import { MIB } from '../../support/bytes.ts'

export interface Recipe {
  readonly seed: string
  /** In bytes. */
  readonly size: number
}

export const make = ({ seed, size }: Recipe): Uint8Array => new Uint8Array(incompressible(size, seed))

/** The sha-256 of each leaf, 32 bytes each. */
export function leavesOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const hashes: Buffer[] = []
  for (let start = 0; start < bytes.length; start += MIB) {
    const leaf = bytes.subarray(start, start + MIB)
    hashes.push(createHash('sha256').update(leaf).digest())
  }
  return new Uint8Array(Buffer.concat(hashes))
}
