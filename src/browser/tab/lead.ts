/** What the leading tab does: it connects to the peers that the user named, and puts questions of the worker to them. */

import { orAborted } from '../../core/async/abortable.ts'
import { peerFailed } from '../../core/oci/error.ts'
import type { Network } from '../../core/swarm/ports.ts'
import { websocketPeers } from '../settings.ts'
import { type Status, toTabSchema, versioned } from '../tab-protocol.ts'
import { answerQuestion } from './answer-question.ts'
import type { TabPeer } from './peer.ts'

export interface LeadParts {
  /** Where the worker's messages come in, and the worker in charge. */
  readonly worker: Pick<ServiceWorkerContainer, 'addEventListener' | 'removeEventListener' | 'controller'>
  /** What the user set, as it is now. */
  settings(): Promise<{ readonly peers: readonly string[] }>
  /** @returns ends it */
  watchSettings(onChange: () => void): () => void
  /** Called once there is somebody to connect to: it is large. */
  openPeer(onChange: () => void): Promise<TabPeer>
  readonly signal: AbortSignal
}

/** Milliseconds from one look for a sign of the worker to the next. */
const WORKER_CHECK = 10_000

/** Checks in a row without one, after which it has been stopped. It shows itself more often while it has questions. */
const MAX_CHECKS = 3

/** Leads until the signal aborts. @throws where the settings or libp2p cannot be had */
export async function lead(parts: LeadParts): Promise<void> {
  const { worker, settings, signal } = parts
  let peer: TabPeer | undefined
  let isReady = false
  let checks = 0
  let questions = new AbortController()

  const status = (): Status =>
    versioned<Status>({ type: 'status', isSettled: isReady, peers: [], ...peer?.status() })
  const announce = (): void => {
    if (!signal.aborted) worker.controller?.postMessage(status())
  }

  async function connect(): Promise<void> {
    const addresses = websocketPeers(await settings())
    if (addresses.length > 0) peer ??= await parts.openPeer(announce)
    await peer?.connect(addresses)
    isReady = true
    announce()
  }

  const network: Pick<Network, 'request'> = {
    async request(id, question, options) {
      await orAborted(connecting, options.signal)
      if (peer) return peer.ask(id, question, options)
      throw peerFailed(`nobody knows ${id}`)
    },
  }

  const onMessage = ({ data, source, ports: [port] }: MessageEvent): void => {
    const message = toTabSchema.safeParse(data).data
    if (!message) return
    checks = 0
    if (message.type === 'look') (source as ServiceWorker | null)?.postMessage(status())
    if (message.type !== 'question' || !port) return
    void answerQuestion(network, { ...message, port }, AbortSignal.any([signal, questions.signal]))
  }
  const check = (): void => {
    if (++checks < MAX_CHECKS) return
    questions.abort(peerFailed('the service worker was stopped'))
    questions = new AbortController()
  }

  const failed = Promise.withResolvers<never>()
  let connecting = Promise.resolve()
  const reconnect = (): void => {
    connecting = connecting.then(connect)
    connecting.catch(failed.reject)
  }

  worker.addEventListener('message', onMessage as EventListener)
  const timer = setInterval(check, WORKER_CHECK)
  const unwatch = parts.watchSettings(reconnect)
  reconnect()
  try {
    await Promise.race([failed.promise, aborted(signal)])
  } finally {
    worker.removeEventListener('message', onMessage as EventListener)
    clearInterval(timer)
    unwatch()
    questions.abort(peerFailed('this tab leads no more'))
    void connecting.catch(() => {}).then(() => peer?.close())
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
