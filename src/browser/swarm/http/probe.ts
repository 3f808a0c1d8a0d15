/**
 * Finds out which peer is at a URL. A peer proves its id by signing a nonce with the key that its id contains. With plain
 * HTTP, someone in between can relay such a proof. So what counts only as that peer's word does not rely on it: tags and
 * lists of referrers are signed for each request.
 */
import * as z from 'zod/mini'
import { peerFailed } from '../../../core/oci/error.ts'
import type { PeerId } from '../../../core/swarm/ports.ts'
import { newNonce } from '../../../core/swarm/protocol/nonce.ts'
import { isStatedBy, peerStatement } from '../../../core/swarm/protocol/statements.ts'
import { type ConnectionFault, ProbeError } from '../connection-state.ts'
import { verify } from '../verify.ts'
import { PEER_FETCH } from './request.ts'

export interface HttpPeer {
  readonly id: PeerId
  readonly url: string
  /** Its multiaddrs for libp2p. */
  readonly addresses: readonly string[]
  /** Whether this page may push to its registry; older peers don't say. */
  readonly writable?: boolean | undefined
}

const schema = z.object({
  id: z.string().check(z.regex(/^[1-9A-HJ-NP-Za-km-z]{46,62}$/)),
  addresses: z.array(z.string().check(z.maxLength(512))).check(z.maxLength(64)),
  signature: z.string().check(z.maxLength(256)),
  writable: z.optional(z.boolean()),
})

const PROBE_TIMEOUT_MS = 5000

/** @throws UNAVAILABLE if the peer is not there, with a {@link ProbeError} as its cause */
export async function probe({ url, id }: HttpAddress, signal: AbortSignal): Promise<HttpPeer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)])
  try {
    const nonce = newNonce()
    const { signature, ...peer } = await introductionAt(url, nonce, limit)
    if (id !== undefined && peer.id !== id) throw new ProbeError('another')
    if (!(await isStatedBy(peer.id, peerStatement(nonce), signature, verify)))
      throw new ProbeError('unproved')
    return { ...peer, url }
  } catch (error) {
    signal.throwIfAborted()
    throw peerFailed(`no peer at ${url}`, error)
  }
}

/** What a registry's status says about its swarm. */
const FAULTS: Readonly<Record<number, ConnectionFault>> = { 403: 'private', 503: 'alone' }

async function introductionAt(url: string, nonce: string, signal: AbortSignal) {
  const responding = fetch(`${url}/flotilla/peer?nonce=${nonce}`, { signal, ...PEER_FETCH })
  const response = await responding.catch((error) => {
    throw new ProbeError('unreachable', error)
  })
  if (!response.ok) throw new ProbeError(FAULTS[response.status] ?? 'no-peer')
  try {
    return schema.parse(await response.json())
  } catch (error) {
    throw new ProbeError('no-peer', error)
  }
}

const ADDRESS =
  /^\/(?<kind>ip4|ip6|dns|dns4|dns6)\/(?<host>[^/@?#\\\s]+)\/tcp\/(?<port>\d{1,5})\/(?<scheme>https?)(?:\/p2p\/(?<id>\w+))?$/

export interface HttpAddress {
  /** Such as `https://peer.example`, without a trailing slash. */
  readonly url: string
  /** The peer that must be there; `undefined` allows any. */
  readonly id?: string | undefined
}

/** Returns `undefined` for a multiaddr that is not HTTP. */
export function httpAddressOf(multiaddr: string): HttpAddress | undefined {
  const { kind, host, port, scheme, id } = ADDRESS.exec(multiaddr)?.groups ?? {}
  const name = kind === 'ip6' ? `[${host}]` : host
  const url = scheme && `${scheme}://${name}:${port}`
  return url && URL.canParse(url) ? { url: new URL(url).origin, id } : undefined
}
