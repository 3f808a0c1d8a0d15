/** Node's request as the registry wants it. Every part is made when it is asked for: most requests need few. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { RegistryRequest } from '../../core/http/message.ts'
import type { Origins } from '../../core/http/origins.ts'
import { bodyOf } from './body.ts'

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

/** Clients may name the host in the target, as they do to proxies (RFC 9112, section 3.2.2). */
const originForm = (target: string): string =>
  target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?]*/i, '')

/** Aborts when the connection closes before the response was sent. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error('the client has gone'))
  if (response.destroyed) abort()
  else response.once('close', () => response.writableFinished || abort())
  return controller.signal
}
