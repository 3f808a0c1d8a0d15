/**
 * The port `Network` of the service worker by plain HTTP: ten times as fast as libp2p in a page. Its peers are the
 * page's own origin, if that is one, and those that the user named.
 */

import type { Log } from '../../../core/log.ts'
import type { Digest } from '../../../core/oci/digest.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { Network, PeerId, Response } from '../../../core/swarm/ports.ts'
import { CONNECTING, connected, type Fault, PlaceFault, type PlaceState, unreached } from '../place-state.ts'
import { answerOwnTurn } from '../tab/local-slot.ts'
import { verify } from '../verify.ts'
import { type HttpAddress, httpAddressOf } from './address.ts'
import { type HttpPeer, lookAt } from './peer.ts'
import { askByHttp } from './request.ts'

export interface HttpNetworkParts {
  /** Where the page comes from, such as `https://peer.example`; whoever answers there is a peer without being named. */
  readonly origin: string
  /** What the user set, as it is now. */
  settings(): Promise<{ readonly peers: readonly string[] }>
  readonly log: Log
}

/** A peer, and the bytes of blobs that came from it. */
export interface KnownPeer extends HttpPeer {
  readonly received: number
}

export interface HttpNetwork extends Network {
  /** Who answers at the page's own origin. */
  readonly origin: KnownPeer | undefined
  readonly known: readonly KnownPeer[]
  /** How it stands with an address of the settings, or with the page's origin; `undefined` for one that is not by HTTP. */
  stateOf(address: string): PlaceState | undefined
  /** Resolves when all have been looked at, or with the signal. Never rejects. */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>
  close(): void
}

/** Milliseconds after which peers in use are looked at again. */
const STALE = 10_000

/** The same while one of them is not there: the device may have been without a network. */
const STALE_WITHOUT = 2000

export function createHttpNetwork({ origin, settings, log }: HttpNetworkParts): HttpNetwork {
  /** By URL, in the order of the settings: of two that claim the same id, the first counts. */
  let places = new Map<string, KnownPlace>()
  let lookedAt = Number.NEGATIVE_INFINITY
  let turn = 0
  let latest = Promise.resolve()
  const closing = new AbortController()

  const known = () => [...places.values()].flatMap(({ peer }) => peer ?? [])
  const find = (id: PeerId) => known().find((peer) => peer.id === id)

  async function look(place: KnownPlace): Promise<void> {
    try {
      const { received = 0 } = place.peer ?? {}
      place.peer = { ...(await lookAt(place.address, closing.signal)), received }
      place.state = connected(place.peer.id)
    } catch (error) {
      place.peer = undefined
      place.state = unreached(faultIn(error), place.state)
      log.debug('no peer by HTTP', { url: place.address.url, err: error })
    }
  }

  /** The one that is known there, while the same peer is looked for. */
  function placeAt(address: HttpAddress): KnownPlace {
    const place = places.get(address.url)
    return place && place.address.id === address.id ? place : { address, state: CONNECTING }
  }

  function lookAtAll(): Promise<void> {
    lookedAt = performance.now()
    latest = lookInTurn(++turn)
    return latest
  }

  /** Of several at once, the last has read the newest settings. */
  async function lookInTurn(own: number): Promise<void> {
    const named = (await settings()).peers.flatMap((peer) => httpAddressOf(peer) ?? [])
    if (own !== turn) return latest
    const addresses = [{ url: origin }, ...named.filter(({ url }) => url !== origin)]
    places = new Map(addresses.map((address) => [address.url, placeAt(address)]))
    await Promise.all([...places.values()].map(look))
  }

  /** In the background; whoever needs peers now takes those that are known. */
  function lookIfStale(): void {
    if (isStale()) void lookAtAll().catch(reportTo(log))
  }

  function isStale(): boolean {
    const isComplete = [...places.values()].every(({ peer }) => peer)
    return performance.now() - lookedAt > (isComplete ? STALE : STALE_WITHOUT)
  }

  /** Those that were away and are back. */
  async function* findAgain(signal: AbortSignal): AsyncGenerator<PeerId> {
    const before = new Set(known().map(({ id }) => id))
    await Promise.race([latest, aborted(signal)])
    for (const { id } of known()) if (!before.has(id)) yield id
  }

  async function ask(id: PeerId, question: unknown, signal: AbortSignal): Promise<Response> {
    const peer = find(id)
    if (!peer) throw peerFailed(`no HTTP reaches ${id}`)
    const place = places.get(peer.url)!
    const onReceived = (bytes: number) => {
      if (place.peer) place.peer.received += bytes
    }
    try {
      return await askByHttp({ url: peer.url, question, signal, onReceived })
    } catch (error) {
      if (!signal.aborted) void look(place)
      throw error
    }
  }

  return {
    self: '',
    get origin() {
      return places.get(origin)?.peer
    },
    get known() {
      return known()
    },
    stateOf(address) {
      const url = address === origin ? origin : httpAddressOf(address)?.url
      return url === undefined ? undefined : (places.get(url)?.state ?? CONNECTING)
    },

    peers() {
      lookIfStale()
      return [...new Set(known().map(({ id }) => id))]
    },

    async request(peer, question, { signal }) {
      const turn = question as { readonly ask?: unknown; readonly digest: Digest } | null
      if (turn?.ask !== 'turn') return ask(peer, question, signal)
      return answerOwnTurn(turn.digest, (instead) => ask(peer, instead, signal), signal)
    },

    /** They are not said to have it; but whoever knows of nobody better asks them. */
    findProviders: (_, { signal }) => findAgain(signal),
    async provide() {},
    sign: () => Promise.reject(peerFailed('a web page signs nothing')),
    verify,

    async refresh({ signal }) {
      await Promise.race([lookAtAll().catch(reportTo(log)), aborted(signal)])
    },

    close: () => closing.abort(new Error('the network is closed')),
  }
}

interface KnownPlace {
  readonly address: HttpAddress
  /** `undefined` while nobody answers there. */
  peer?: (HttpPeer & { received: number }) | undefined
  state: PlaceState
}

const faultIn = (error: unknown): Fault =>
  error instanceof Error && error.cause instanceof PlaceFault ? error.cause.fault : 'unreachable'

const reportTo = (log: Log) => (error: unknown) => log.warn('peers could not be looked for', { err: error })

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
