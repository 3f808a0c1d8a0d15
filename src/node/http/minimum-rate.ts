/**
 * The minimum transfer rate of clients. A client that does not send its request body, or does not read its response, is cut.
 * A client that waits for the registry, as for a blob that is being pulled from peers, may take any time.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** In the time of {@link RateTimeouts}. It is less than what any modem transfers. */
const MIN_BYTES = 64 * 1024

/**
 * Milliseconds. A reader takes memory here, and can resume (`Range`). A sender takes little, and may produce its bytes on
 * the way: they are compressed or come from another registry, or a laptop is closed for a minute.
 */
export interface RateTimeouts {
  readonly reader: number
  readonly sender: number
}

export const RATE_TIMEOUTS: RateTimeouts = { reader: 60_000, sender: 5 * 60_000 }

/** Of one connection. Times are those of `performance.now()`. */
export class RateWatch {
  readonly #socket: Socket
  #movedBefore = 0
  #since: number | undefined

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Whether the client is too slow with the current exchange. To be called every few seconds. */
  isTooSlow(
    request: IncomingMessage,
    response: ServerResponse,
    timeouts: RateTimeouts,
    now = performance.now(),
  ): boolean {
    const isReader = this.#unsent > 0
    if (!isReader && !isSending(request, response)) {
      this.#since = undefined
      return false
    }
    const moved = this.#socket.bytesRead + this.#sent
    if (this.#since === undefined || moved - this.#movedBefore >= MIN_BYTES) {
      this.#since = now
      this.#movedBefore = moved
    }
    return now - this.#since >= (isReader ? timeouts.reader : timeouts.sender)
  }

  get #unsent(): number {
    return handleOf(this.#socket)?.writeQueueSize ?? 0
  }

  /** Bytes that were handed to the kernel. */
  get #sent(): number {
    const handle = handleOf(this.#socket)
    return handle ? handle.bytesWritten - handle.writeQueueSize : 0
  }
}

/** The registry is reading the body, and some of it is missing. If nobody reads it, the client isn't late. */
const isSending = (request: IncomingMessage, response: ServerResponse): boolean =>
  !request.complete && !response.closed && request.readableFlowing === true

interface Handle {
  /** Including what is still queued. */
  readonly bytesWritten: number
  readonly writeQueueSize: number
}

/** Node has no public way to see how much of a large write was sent; its own socket timeout reads this, too. */
const handleOf = (socket: Socket): Handle | null | undefined =>
  (socket as unknown as { readonly _handle?: Handle | null })._handle
