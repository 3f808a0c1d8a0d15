/** The work of the leading tab: connects to the peers in the settings, and forwards the worker's requests to them. */

import { raceSignal } from '../../core/async/abortable.ts'
import { peerFailed } from '../../core/oci/error.ts'
import type { Network } from '../../core/swarm/ports.ts'
import { websocketPeers } from '../settings.ts'
import { type LeaderStatus, toTabSchema, versioned } from '../tab-protocol.ts'
import { handleRequest } from './handle-request.ts'
import type { TabPeer } from './peer.ts'

export interface LeadDeps {
  /** Receives the worker's messages, and names the active worker. */
  readonly worker: Pick<ServiceWorkerContainer, 'addEventListener' | 'removeEventListener' | 'controller'>
  /** Reads the user's current settings. */
  settings(): Promise<{ readonly peers: readonly string[] }>
  /** @returns a function that stops watching */
  watchSettings(onChange: () => void): () => void
  /** Called only when there is a peer to connect to, because it loads libp2p. */
  openPeer(onChange: () => void): Promise<TabPeer>
  readonly signal: AbortSignal
}

/** Interval of the check whether the worker still sends messages. */
const WORKER_CHECK_INTERVAL_MS = 10_000

/** After so many checks without a message the worker has been stopped: it sends pings while it has requests. */
const MAX_SILENT_CHECKS = 3

/** Leads until the signal aborts. @throws if the settings can't be read or libp2p can't be loaded */
export async function lead(deps: LeadDeps): Promise<void> {
  const { worker, settings, signal } = deps
  let peer: TabPeer | undefined
  let isReady = false
  let silentChecks = 0
  let requests = new AbortController()

  const status = (): LeaderStatus =>
    versioned<LeaderStatus>({ type: 'status', isSettled: isReady, peers: [], ...peer?.status() })
  const announce = (): void => {
    if (!signal.aborted) worker.controller?.postMessage(status())
  }

  async function connect(): Promise<void> {
    const addresses = websocketPeers(await settings())
    if (addresses.length > 0) peer ??= await deps.openPeer(announce)
    await peer?.connect(addresses)
    isReady = true
    announce()
  }

  const network: Pick<Network, 'request'> = {
    async request(id, request, options) {
      await raceSignal(connecting, options.signal)
      if (peer) return peer.request(id, request, options)
      throw peerFailed(`the settings name no peer ${id} with a WebSocket address`)
    },
  }

  const onMessage = ({ data, source, ports: [port] }: MessageEvent): void => {
    const message = toTabSchema.safeParse(data).data
    if (!message) return
    silentChecks = 0
    if (message.type === 'look') (source as ServiceWorker | null)?.postMessage(status())
    if (message.type !== 'question' || !port) return
    void handleRequest(network, { ...message, port }, AbortSignal.any([signal, requests.signal]))
  }
  const check = (): void => {
    if (++silentChecks < MAX_SILENT_CHECKS) return
    requests.abort(peerFailed('the service worker was stopped'))
    requests = new AbortController()
  }

  const failed = Promise.withResolvers<never>()
  let connecting = Promise.resolve()
  const reconnect = (): void => {
    connecting = connecting.then(connect)
    connecting.catch(failed.reject)
  }

  worker.addEventListener('message', onMessage as EventListener)
  const timer = setInterval(check, WORKER_CHECK_INTERVAL_MS)
  const unwatch = deps.watchSettings(reconnect)
  reconnect()
  try {
    await Promise.race([failed.promise, aborted(signal)])
  } finally {
    worker.removeEventListener('message', onMessage as EventListener)
    clearInterval(timer)
    unwatch()
    requests.abort(peerFailed('this tab no longer leads'))
    void connecting.catch(() => {}).then(() => peer?.close())
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
