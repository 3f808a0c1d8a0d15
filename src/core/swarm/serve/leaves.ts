/** The leaf hashes of what is held here, for peers that want to verify it leaf by leaf. */

import { delay } from '../../async/delay.ts'
import type { Catalog } from '../../catalog/catalog.ts'
import { hashBytesOf, isSingleLeaf } from '../../leaf.ts'
import type { Digest } from '../../oci/digest.ts'

/** Milliseconds from one look to the next, while they are being made. */
const LOOK_AGAIN = 100

/**
 * The sha-256 of each leaf, 32 bytes apiece; `undefined` where the signal aborts before they are made.
 *
 * @param size - of the blob, in bytes
 */
export async function leavesOf(
  { leaves }: Pick<Catalog, 'leaves'>,
  digest: Digest,
  size: number,
  { signal }: { readonly signal: AbortSignal },
): Promise<Uint8Array | undefined> {
  if (size === 0) return new Uint8Array()
  if (isSingleLeaf(digest, size)) return hashBytesOf(digest)
  while (!signal.aborted) {
    const hashes = await leaves.get(digest)
    if (hashes) return hashes
    await delay(LOOK_AGAIN, signal)
  }
  return undefined
}
