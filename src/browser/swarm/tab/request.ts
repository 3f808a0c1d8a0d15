/** One request on its way through the leading tab. It has its own port, on which bytes come as fast as they are read. */

import { createNotifier } from '../../../core/async/notifier.ts'
import { peerFailed } from '../../../core/oci/error.ts'
import type { PeerId } from '../../../core/swarm/ports.ts'
import {
  type ControlMessage,
  responseSchema,
  type ToTab,
  versioned,
  WINDOW_BYTES,
} from '../../tab-protocol.ts'
import type { Leader } from './leader.ts'

export interface TabRequest {
  readonly peer: PeerId
  readonly request: unknown
  /** Cancels the request at any time, also while its bytes come. */
  readonly signal: AbortSignal
}

export interface TabResponse {
  readonly value: unknown
  /** Returns the next bytes, which the caller then owns, or `undefined` after the last. One call at a time. */
  read(): Promise<Uint8Array | undefined>
}

/** @throws UNAVAILABLE if the peer fails or the leader goes, also from `read`; the signal's reason */
export async function sendRequest(
  leader: Leader,
  { peer, request, signal }: TabRequest,
): Promise<TabResponse> {
  signal.throwIfAborted()
  const { port1, port2 } = new MessageChannel()
  const receiver = new Receiver(port1, AbortSignal.any([signal, leader.gone]))
  leader.pingUntil(receiver.closed)
  leader.post(versioned<ToTab>({ type: 'question', peer, question: request }), [port2])
  return { value: await receiver.value, read: () => receiver.read() }
}

/** The worker's end of the port. */
class Receiver {
  readonly #port: MessagePort
  readonly #signal: AbortSignal
  readonly #value = Promise.withResolvers<unknown>()
  readonly #closed = Promise.withResolvers<void>()
  readonly #notifier = createNotifier()
  readonly #chunks: Uint8Array[] = []
  #hasEnded = false
  #failure: { readonly error: unknown } | undefined
  /** Bytes that were read but not yet credited to the tab. */
  #uncredited = 0

  constructor(port: MessagePort, signal: AbortSignal) {
    this.#port = port
    this.#signal = signal
    this.#value.promise.catch(() => {}) // it may fail when nobody awaits it any longer
    port.onmessage = ({ data }) => this.#onMessage(data)
    signal.addEventListener('abort', this.#onAbort)
    if (signal.aborted) this.#onAbort()
  }

  get value(): Promise<unknown> {
    return this.#value.promise
  }

  /** Resolves when the port is closed, for whatever reason. */
  get closed(): Promise<void> {
    return this.#closed.promise
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#chunks.length === 0 && !this.#hasEnded) await this.#notifier.wait()
    if (this.#failure) throw this.#failure.error
    const chunk = this.#chunks.shift()
    this.#uncredited += chunk?.byteLength ?? 0
    if (!this.#hasEnded && this.#uncredited >= WINDOW_BYTES / 2) {
      this.#post(versioned<ControlMessage>({ type: 'read', bytes: this.#uncredited }))
      this.#uncredited = 0
    }
    return chunk
  }

  #onMessage(data: unknown): void {
    const message = responseSchema.safeParse(data).data
    if (message?.type === 'value') this.#value.resolve(message.value)
    else if (message?.type === 'bytes') this.#chunks.push(new Uint8Array(message.bytes))
    else if (message?.type === 'end') this.#close()
    else this.#fail(peerFailed(message?.message ?? 'the leading tab runs an incompatible version; reload it'))
    this.#notifier.notify()
  }

  readonly #onAbort = (): void => {
    this.#post(versioned<ControlMessage>({ type: 'cancel' }))
    this.#fail(this.#signal.reason)
  }

  #fail(error: unknown): void {
    this.#failure = { error }
    this.#chunks.length = 0
    this.#value.reject(error)
    this.#close()
  }

  #close(): void {
    this.#hasEnded = true
    this.#signal.removeEventListener('abort', this.#onAbort)
    this.#port.onmessage = null
    this.#port.close()
    this.#closed.resolve()
    this.#notifier.notify()
  }

  #post(message: ControlMessage): void {
    this.#port.postMessage(message)
  }
}
