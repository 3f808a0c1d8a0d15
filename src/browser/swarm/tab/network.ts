/**
 * The port `Network` of the service worker over the tab that leads, in which libp2p runs. A request takes this way:
 *
 * ```
 *  service worker                                     leading tab
 *  network.ts ── succession.ts finds ── leader.ts
 *      │                                    │
 *  request.ts ── postMessage + MessagePort ─┼──────►  tab/lead.ts ─► tab/handle-request.ts ─► tab/peer.ts ──► peer
 *      ▲                                    │                             │                    (libp2p)
 *      └────── value, bytes, end ◄──────────┼──── MessagePort ◄───────────┘
 *                credits (`read`) ──────────┼────────────►
 * ```
 *
 * Tabs come and go. A request whose leader has gone is sent to the next one, and a range continues at the byte that it
 * had reached.
 */

import type { Bytes } from '../../../core/blobs/ports.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { Network, PeerResponse } from '../../../core/swarm/ports.ts'
import { websocketPeers } from '../../settings.ts'
import { sign } from '../verify.ts'
import type { Leader, Tabs } from './leader.ts'
import { sendRequest, type TabRequest, type TabResponse } from './request.ts'
import { createSuccession, type Succession } from './succession.ts'

export interface TabNetworkDeps extends Tabs, Pick<Network, 'verify'> {
  /** Reads the user's current settings. */
  settings(): Promise<{ readonly peers: readonly string[] }>
}

export interface TabNetwork extends Network, Pick<Succession, 'receive' | 'status'> {
  /**
   * Resolves when a leading tab has named its peers, or when the signal aborts; at once if the settings name no peer
   * that a tab would dial.
   */
  refresh(options: { readonly signal: AbortSignal }): Promise<void>
}

const MAX_LEADERS_PER_REQUEST = 4

export function createTabNetwork({ verify, settings, ...tabs }: TabNetworkDeps): TabNetwork {
  const succession = createSuccession(tabs)
  const { waitForLeader, waitUntilSettled, receive } = succession

  /** Tries one leader after another. */
  async function send(request: TabRequest): Promise<SentRequest> {
    for (let leaders = 1; ; leaders++) {
      const leader = await waitForLeader(request.signal)
      try {
        return { ...(await sendRequest(leader, request)), leader }
      } catch (error) {
        request.signal.throwIfAborted()
        if (!leader.gone.aborted || leaders === MAX_LEADERS_PER_REQUEST) throw error
      }
    }
  }

  return {
    get self() {
      return succession.status?.id ?? ''
    },
    get status() {
      return succession.status
    },
    peers: () => succession.status?.peers.map(({ id }) => id) ?? [],

    async request(peer, request, options): Promise<PeerResponse> {
      options.signal.throwIfAborted()
      const control = new AbortController()
      const signal = AbortSignal.any([options.signal, control.signal])
      const sent = await send({ peer, request, signal })
      const resume = (rest: RangeRequest) => send({ peer, request: rest, signal })
      const cancel = () => control.abort(peerFailed('the request was cancelled'))
      return { value: sent.value, bytes: bytesOf({ request, sent, resume, cancel }) }
    },

    async *findProviders() {},
    async provide() {},
    sign,
    verify,
    async refresh({ signal }) {
      if (websocketPeers(await settings()).length > 0) await waitUntilSettled(signal)
    },
    receive,
  }
}

/** A request that has its response, and the leader that carries it. */
interface SentRequest extends TabResponse {
  readonly leader: Leader
}

interface RangeRequest extends Readonly<Record<string, unknown>> {
  readonly ask: 'range'
  readonly start: number
}

const isRangeRequest = (request: unknown): request is RangeRequest =>
  (request as RangeRequest | null)?.ask === 'range'

interface BytesOptions {
  readonly request: unknown
  readonly sent: SentRequest
  /** Sends the rest of a range to the next leader. */
  resume(rest: RangeRequest): Promise<SentRequest>
  cancel(): void
}

/** An iterator by hand, because `return()` must work before the first chunk and while one is awaited. */
function bytesOf({ request, sent, resume, cancel }: BytesOptions): Bytes {
  let source = sent
  let received = 0
  let leaders = 1

  async function read(): Promise<Uint8Array | undefined> {
    try {
      return await source.read()
    } catch (error) {
      if (!isRangeRequest(request) || !source.leader.gone.aborted || leaders === MAX_LEADERS_PER_REQUEST)
        throw error
      leaders++
      source = await resume({ ...request, start: request.start + received })
      return read()
    }
  }

  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = await read()
      received += value?.byteLength ?? 0
      return value ? { done: false, value } : { done: true, value: undefined }
    },
    async return() {
      cancel()
      return { done: true, value: undefined }
    },
  }
  return { [Symbol.asyncIterator]: () => iterator }
}
