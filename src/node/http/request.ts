/** Node's request as a `RegistryRequest`. Each part is made when it is first used, because most requests need few. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { RegistryRequest } from '../../core/http/message.ts'
import type { Origins } from '../../core/http/origins.ts'
import { bodyOf } from './body.ts'

/** How the ids of {@link NodeRequest.requester} begin. */
export const HTTP_REQUESTER = 'http:'

export class NodeRequest implements RegistryRequest {
  readonly method: string
  readonly target: string
  readonly #incoming: IncomingMessage
  readonly #response: ServerResponse
  readonly #origins: Pick<Origins, 'isOwn'>
  #signal: AbortSignal | undefined

  constructor(incoming: IncomingMessage, response: ServerResponse, origins: Pick<Origins, 'isOwn'>) {
    this.method = incoming.method!
    this.target = originForm(incoming.url!)
    this.#incoming = incoming
    this.#response = response
    this.#origins = origins
  }

  get origin(): string {
    return `http://${this.#incoming.headers.host ?? 'localhost'}`
  }

  isOwn(origin: string): boolean {
    const { localAddress: address, localPort: port } = this.#incoming.socket
    return address !== undefined && port !== undefined && this.#origins.isOwn(origin, { address, port })
  }

  header(name: string): string | undefined {
    const value = this.#incoming.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** Stands for a peer's id, because clients by HTTP do not prove one: their address. */
  get requester(): string {
    const { remoteAddress = 'gone' } = this.#incoming.socket
    return `${HTTP_REQUESTER}${remoteAddress.replace(/^::ffff:/, '')}`
  }

  get body(): Bytes | undefined {
    const { headers } = this.#incoming
    const isPresent = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
    return isPresent ? bodyOf(this.#incoming) : undefined
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(this.#response)
    return this.#signal
  }
}

/** Clients may send the absolute form, as to proxies (RFC 9112, section 3.2.2). */
const originForm = (target: string): string =>
  target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '')

/** Aborts when the connection closes before the response has been sent. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('the client has disconnected'))
  if (response.destroyed) abort()
  else response.once('close', () => response.writableFinished || abort())
  return controller.signal
}
