/**
 * The least pace of a client that is waited for: whoever keeps a request open, or leaves an answer where it is, without
 * moving bytes is cut. While it waits for the registry, as for a blob that peers still bring, a client may take any time.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Bytes that a client moves in the time that it has, at least. It is less than any modem moves. */
const LEAST = 64 * 1024

/**
 * Milliseconds that it has for them. Who reads takes memory here, and can go on where it was cut (`Range`). Who sends
 * takes little, and its bytes may be made as they go: they are compressed, or come out of another registry; a laptop may
 * be closed for a minute.
 */
export interface Patience {
  readonly reader: number
  readonly sender: number
}

export const PATIENCE: Patience = { reader: 60_000, sender: 5 * 60_000 }

/** Of one connection. Times are those of `performance.now()`. */
export class Pace {
  readonly #socket: Socket
  #movedBefore = 0
  #since: number | undefined

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Whether the client is too slow with the exchange under way. To be asked every few seconds. */
  isTooSlow(
    request: IncomingMessage,
    response: ServerResponse,
    patience: Patience,
    now = performance.now(),
  ): boolean {
    const isReader = this.#unsent > 0
    if (!isReader && !isSending(request, response)) {
      this.#since = undefined
      return false
    }
    const moved = this.#socket.bytesRead + this.#sent
    if (this.#since === undefined || moved - this.#movedBefore >= LEAST) {
      this.#since = now
      this.#movedBefore = moved
    }
    return now - this.#since >= (isReader ? patience.reader : patience.sender)
  }

  get #unsent(): number {
    return handleOf(this.#socket)?.writeQueueSize ?? 0
  }

  /** Bytes that the kernel has taken. */
  get #sent(): number {
    const handle = handleOf(this.#socket)
    return handle ? handle.bytesWritten - handle.writeQueueSize : 0
  }
}

/** The body is read, and not all of it is here. Where nobody reads it, or not now, it is not the client that is late. */
const isSending = (request: IncomingMessage, response: ServerResponse): boolean =>
  !request.complete && !response.closed && request.readableFlowing === true

interface Handle {
  /** With what is still queued. */
  readonly bytesWritten: number
  readonly writeQueueSize: number
}

/** Node shows no other way how much of a large write has gone; its own timeout of sockets looks here too. */
const handleOf = (socket: Socket): Handle | null | undefined =>
  (socket as unknown as { readonly _handle?: Handle | null })._handle
