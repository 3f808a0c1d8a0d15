/**
 * Who answers at a URL. A peer proves its id by signing a nonce with the key that the id carries. By plain HTTP somebody
 * on the way, or a false peer that asks the true one, can hand such a proof on; so nothing that is only that peer's word
 * rests on it: tags and lists of referrers are signed for each question.
 */

import * as z from 'zod/mini'
import { peerFailed } from '../../../core/oci/error.ts'
import type { PeerId } from '../../../core/swarm/ports.ts'
import { newNonce } from '../../../core/swarm/protocol/base64url.ts'
import { isStatedBy, peerStatement } from '../../../core/swarm/protocol/statements.ts'
import { type Fault, PlaceFault } from '../place-state.ts'
import { verify } from '../verify.ts'
import type { HttpAddress } from './address.ts'
import { QUIETLY } from './request.ts'

export interface HttpPeer {
  readonly id: PeerId
  readonly url: string
  /** Multiaddrs by which libp2p reaches it. */
  readonly addresses: readonly string[]
  /** Whether this page may push to its registry; `undefined` where it does not say, as older ones. */
  readonly writable?: boolean | undefined
}

const schema = z.object({
  id: z.string().check(z.regex(/^[1-9A-HJ-NP-Za-km-z]{46,62}$/)),
  addresses: z.array(z.string().check(z.maxLength(512))).check(z.maxLength(64)),
  signature: z.string().check(z.maxLength(256)),
  writable: z.optional(z.boolean()),
})

/** Milliseconds for the answer. */
const TIMEOUT = 5000

/** @throws UNAVAILABLE where there is no such peer, with a {@link PlaceFault} as its cause */
export async function lookAt({ url, id }: HttpAddress, signal: AbortSignal): Promise<HttpPeer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)])
  try {
    const nonce = newNonce()
    const { signature, ...peer } = await introductionAt(url, nonce, limit)
    if (id !== undefined && peer.id !== id) throw new PlaceFault('another')
    if (!(await isStatedBy(peer.id, peerStatement(nonce), signature, verify)))
      throw new PlaceFault('unproved')
    return { ...peer, url }
  } catch (error) {
    signal.throwIfAborted()
    throw peerFailed(`no peer at ${url}`, error)
  }
}

const REFUSALS: Readonly<Record<number, Fault>> = { 403: 'private', 503: 'alone' }

async function introductionAt(url: string, nonce: string, signal: AbortSignal) {
  const asking = fetch(`${url}/flotilla/peer?nonce=${nonce}`, { signal, ...QUIETLY })
  const response = await asking.catch((error) => {
    throw new PlaceFault('unreachable', error)
  })
  if (!response.ok) throw new PlaceFault(REFUSALS[response.status] ?? 'no-peer')
  try {
    return schema.parse(await response.json())
  } catch (error) {
    throw new PlaceFault('no-peer', error)
  }
}
