/** A connection to the bulk server of a peer, proved to be that peer's, for one request after another. */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import type { Bytes } from '../../core/blobs/ports.ts'
import type { Digest } from '../../core/oci/digest.ts'
import type { ByteRange } from '../../core/oci/range.ts'
import { IncomingResponse } from './incoming-response.ts'
import { TLS } from './tls.ts'

export interface Address {
  readonly host: string
  readonly port: number
  /** The fingerprint of the server's certificate: sha-256, in hexadecimal. */
  readonly certificate: string
}

export interface BlobRequest {
  readonly digest: Digest
  readonly range: ByteRange
  readonly ticket: string
}

/** Milliseconds from the first packet to the end of the handshake. */
const CONNECT_TIMEOUT = 3_000

/** Milliseconds that a connection without a request is kept. */
const IDLE_TIME = 10_000

/** Leaves that wait to be read before the peer has to wait. */
const MAX_UNREAD = 2

const MAX_HEAD = 16 * 1024

export class Connection {
  readonly address: Address
  readonly #socket: TLSSocket
  /** Where what comes outside of a body is read to: the head of a response, or what nobody asked for. */
  readonly #head = Buffer.allocUnsafeSlow(MAX_HEAD)
  #response: IncomingResponse | undefined

  private constructor(address: Address) {
    this.address = address
    const onread = { buffer: () => this.#space(), callback: (length: number) => this.#take(length) }
    // The fingerprint takes the place of authorities.
    const options = { ...TLS, host: address.host, port: address.port, rejectUnauthorized: false, onread }
    this.#socket = connect(options)
    this.#socket.setNoDelay()
    this.#socket.on('error', (error) => this.#response?.fail(error))
    this.#socket.on('timeout', () => this.#socket.destroy())
    this.#socket.on('close', () => this.#response?.fail(new Error('the peer closed the connection')))
  }

  /** @throws Error where nobody answers in time, or another than the peer does; nothing is sent to that one */
  static async open(address: Address, signal: AbortSignal): Promise<Connection> {
    const connection = new Connection(address)
    try {
      const timeout = AbortSignal.timeout(CONNECT_TIMEOUT)
      await once(connection.#socket, 'secureConnect', { signal: AbortSignal.any([signal, timeout]) })
      connection.#checkCertificate()
      connection.#socket.resume()
      return connection
    } catch (error) {
      connection.#socket.destroy()
      throw error
    }
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.readable
  }

  /** One request at a time. The connection ends with it if the answer is not as asked, or not read to its end. */
  async *get(request: BlobRequest, signal: AbortSignal): Bytes & AsyncGenerator<Uint8Array> {
    const response = new IncomingResponse(request.range, this.#head)
    const stop = (): void => this.#fail(signal.reason)
    signal.addEventListener('abort', stop)
    try {
      signal.throwIfAborted()
      this.#use(response)
      this.#socket.write(formatRequest(request, this.address))
      for (let leaf = await response.next(); leaf; leaf = await response.next()) {
        if (response.unread < MAX_UNREAD) this.#socket.resume()
        yield leaf
      }
    } finally {
      signal.removeEventListener('abort', stop)
      this.#release(response)
    }
  }

  #checkCertificate(): void {
    const fingerprint = this.#socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '')
    if (fingerprint?.toLowerCase() === this.address.certificate.toLowerCase()) return
    throw new Error('the certificate at the address of the peer is another one')
  }

  #use(response: IncomingResponse): void {
    if (!this.isOpen) throw new Error('the peer closed the connection')
    this.#response = response
    this.#socket.setTimeout(0)
    this.#socket.ref()
  }

  #release(response: IncomingResponse): void {
    this.#response = undefined
    if (!response.isComplete || !response.keepAlive) return void this.#socket.destroy()
    this.#socket.setTimeout(IDLE_TIME)
    this.#socket.unref()
    this.#socket.resume()
  }

  /** Never empty: Node would try without end to read into it. */
  #space(): Uint8Array {
    return this.#response?.isComplete === false ? this.#response.space : this.#head
  }

  /** @returns whether more may come now */
  #take(length: number): boolean {
    try {
      if (this.#response?.isComplete !== false) throw new Error('the peer sends what nobody asked for')
      this.#response.take(length)
      return this.#response.unread < MAX_UNREAD
    } catch (error) {
      this.#fail(error as Error)
      return false
    }
  }

  #fail(error: Error): void {
    this.#response?.fail(error)
    this.#response = undefined
    this.#socket.destroy()
  }
}

const formatRequest = ({ digest, range, ticket }: BlobRequest, { host, port }: Address): string =>
  [
    `GET /blobs/${digest} HTTP/1.1`,
    `Host: ${host.includes(':') ? `[${host}]` : host}:${port}`,
    `Authorization: Bearer ${ticket}`,
    `Range: bytes=${range.start}-${range.end}`,
    '\r\n',
  ].join('\r\n')
