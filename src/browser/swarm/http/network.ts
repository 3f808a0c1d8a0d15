/**
 * The port `Network` of the service worker over plain HTTP, which is ten times as fast as libp2p in a page. Its peers are
 * the page's own origin, if that is a peer, and those in the user's settings.
 */

import type { Log } from '../../../core/log.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { Network, PeerId, PeerResponse } from '../../../core/swarm/ports.ts'
import {
  CONNECTING,
  type ConnectionFault,
  type ConnectionState,
  connected,
  ProbeError,
  unreachable,
} from '../connection-state.ts'
import { sign, verify } from '../verify.ts'
import { type HttpAddress, type HttpPeer, httpAddressOf, probe } from './probe.ts'
import { localSlot, requestByHttp } from './request.ts'

export interface HttpNetworkDeps {
  /** The page's origin, such as `https://peer.example`. A peer there is used without being named in the settings. */
  readonly origin: string
  /** Reads the user's current settings. */
  settings(): Promise<{ readonly peers: readonly string[] }>
  readonly log: Log
}

export interface KnownPeer extends HttpPeer {
  /** Bytes of blobs that came from it. */
  readonly received: number
}

export interface HttpNetwork extends Network {
  /** The peer at the page's own origin. */
  readonly origin: KnownPeer | undefined
  readonly known: readonly KnownPeer[]
  /** The state of an address of the settings, or of the page's origin; `undefined` if the address is not HTTP. */
  stateOf(address: string): ConnectionState | undefined
  /** Resolves when all endpoints have been probed, or when the signal aborts. Never rejects. */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>
  close(): void
}

/** Peers in use are probed again after this time. */
const STALE_MS = 10_000

/** The same while one of them is away: the device may have been offline. */
const STALE_INCOMPLETE_MS = 2000

export function createHttpNetwork({ origin, settings, log }: HttpNetworkDeps): HttpNetwork {
  /** By URL, in the order of the settings: of two with the same id, the first is used. */
  let endpoints = new Map<string, Endpoint>()
  let probedAt = Number.NEGATIVE_INFINITY
  let generation = 0
  let latest = Promise.resolve()
  const closing = new AbortController()

  const known = () => [...endpoints.values()].flatMap(({ peer }) => peer ?? [])
  const find = (id: PeerId) => known().find((peer) => peer.id === id)

  async function ping(endpoint: Endpoint): Promise<void> {
    try {
      const { received = 0 } = endpoint.peer ?? {}
      endpoint.peer = { ...(await probe(endpoint.address, closing.signal)), received }
      endpoint.state = connected(endpoint.peer.id)
    } catch (error) {
      endpoint.peer = undefined
      endpoint.state = unreachable(faultIn(error), endpoint.state)
      log.debug('no peer by HTTP', { url: endpoint.address.url, err: error })
    }
  }

  /** Keeps the known endpoint as long as the same peer is expected there. */
  function endpointAt(address: HttpAddress): Endpoint {
    const endpoint = endpoints.get(address.url)
    return endpoint && endpoint.address.id === address.id ? endpoint : { address, state: CONNECTING }
  }

  function pingAll(): Promise<void> {
    probedAt = performance.now()
    latest = pingGeneration(++generation)
    return latest
  }

  /** Of several that run at once, only the last goes on: it has read the newest settings. */
  async function pingGeneration(own: number): Promise<void> {
    const named = (await settings()).peers.flatMap((peer) => httpAddressOf(peer) ?? [])
    if (own !== generation) return latest
    const addresses = [{ url: origin }, ...named.filter(({ url }) => url !== origin)]
    endpoints = new Map(addresses.map((address) => [address.url, endpointAt(address)]))
    await Promise.all([...endpoints.values()].map(ping))
  }

  /** In the background: a caller that needs peers now gets those that are known. */
  function pingIfStale(): void {
    if (isStale()) void pingAll().catch(reportTo(log))
  }

  function isStale(): boolean {
    const isComplete = [...endpoints.values()].every(({ peer }) => peer)
    return performance.now() - probedAt > (isComplete ? STALE_MS : STALE_INCOMPLETE_MS)
  }

  /** Yields peers that were away and are back. */
  async function* findReturned(signal: AbortSignal): AsyncGenerator<PeerId> {
    const before = new Set(known().map(({ id }) => id))
    await Promise.race([latest, aborted(signal)])
    for (const { id } of known()) if (!before.has(id)) yield id
  }

  async function send(id: PeerId, request: unknown, signal: AbortSignal): Promise<PeerResponse> {
    const peer = find(id)
    if (!peer) throw peerFailed(`the peer ${id} is not connected by HTTP`)
    const endpoint = endpoints.get(peer.url)!
    const onReceived = (bytes: number) => {
      if (endpoint.peer) endpoint.peer.received += bytes
    }
    try {
      return await requestByHttp({ url: peer.url, request, signal, onReceived })
    } catch (error) {
      if (!signal.aborted) void ping(endpoint)
      throw error
    }
  }

  return {
    self: '',
    get origin() {
      return endpoints.get(origin)?.peer
    },
    get known() {
      return known()
    },
    stateOf(address) {
      const url = address === origin ? origin : httpAddressOf(address)?.url
      return url === undefined ? undefined : (endpoints.get(url)?.state ?? CONNECTING)
    },

    peers() {
      pingIfStale()
      return [...new Set(known().map(({ id }) => id))]
    },

    async request(peer, request, { signal }) {
      const slot = request as { readonly ask?: unknown; readonly digest: Digest } | null
      if (slot?.ask !== 'turn') return send(peer, request, signal)
      return localSlot(slot.digest, (other) => send(peer, other, signal), signal)
    },

    /** Nothing says that these peers have the digest, but they were not there when the connected peers were asked. */
    findProviders: (_, { signal }) => findReturned(signal),
    async provide() {},
    sign,
    verify,

    async refresh({ signal }) {
      await Promise.race([pingAll().catch(reportTo(log)), aborted(signal)])
    },

    close: () => closing.abort(new Error('the network is closed')),
  }
}

interface Endpoint {
  readonly address: HttpAddress
  /** `undefined` while there is no connection. */
  peer?: (HttpPeer & { received: number }) | undefined
  state: ConnectionState
}

const faultIn = (error: unknown): ConnectionFault =>
  error instanceof Error && error.cause instanceof ProbeError ? error.cause.fault : 'unreachable'

const reportTo = (log: Log) => (error: unknown) => log.warn('peers could not be probed', { err: error })

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
