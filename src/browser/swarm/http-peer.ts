/** Who answers at a URL: what a peer says of itself by HTTP. A claim, as no key is asked for. */
import * as z from 'zod/mini'
import { peerFailed } from '../../core/libp2p/failure.ts'
import type { PeerId } from '../../core/swarm/ports.ts'
import type { HttpAddress } from './http-address.ts'
import { QUIETLY } from './http-question.ts'

export interface HttpPeer {
  readonly id: PeerId
  readonly url: string
  /** Multiaddrs by which libp2p reaches it. */
  readonly addresses: readonly string[]
}

const schema = z.object({
  id: z.string().check(z.regex(/^[1-9A-HJ-NP-Za-km-z]{46,62}$/)),
  addresses: z.array(z.string().check(z.maxLength(512))).check(z.maxLength(64)),
})

/** Milliseconds for the answer. */
const TIMEOUT = 5000

/** @throws UNAVAILABLE where nobody answers, or another than is expected */
export async function lookAt({ url, id }: HttpAddress, signal: AbortSignal): Promise<HttpPeer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)])
  try {
    const response = await fetch(`${url}/flotilla/peer`, { signal: limit, ...QUIETLY })
    if (!response.ok) throw new Error(`status ${response.status}`)
    const peer = schema.parse(await response.json())
    if (id !== undefined && peer.id !== id) throw new Error(`it is ${peer.id}`)
    return { ...peer, url }
  } catch (error) {
    signal.throwIfAborted()
    throw peerFailed(`no peer at ${url}`, error)
  }
}
