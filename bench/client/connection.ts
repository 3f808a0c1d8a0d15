/**
 * One keep-alive connection on a bare socket, a request at a time. Received bytes land in one buffer that is
 * used again for every read, so a pull costs the client little more than the kernel's copy.
 */
import { connect, type Socket } from 'node:net'
import { type Answer, ResponseParser } from './response.ts'

const READ_BYTES = 512 * 1024

export class Connection {
  readonly #socket: Socket
  #parser: ResponseParser | undefined
  #pending: PromiseWithResolvers<Answer> | undefined
  #resume: (() => void) | undefined
  #failure: Error | undefined

  private constructor(port: number) {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    const callback = (count: number): boolean => this.#read(buffer.subarray(0, count))
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread: { buffer, callback } })
    this.#socket.on('drain', () => this.#resume?.())
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')))
  }

  static async open(port: number): Promise<Connection> {
    const connection = new Connection(port)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    connection.#socket.once('connect', resolve).once('error', reject)
    await promise
    return connection
  }

  /** Sends `head`, then the pieces of `body` as fast as the server takes them, and waits for the answer. */
  async request(head: string | Buffer, body?: Iterable<Buffer>): Promise<Answer> {
    if (this.#failure) throw this.#failure
    this.#parser = new ResponseParser(head[0] === 'H' || head[0] === 0x48)
    this.#pending = Promise.withResolvers<Answer>()
    const { promise } = this.#pending
    this.#socket.write(head)
    if (body) {
      promise.catch(() => {})
      await this.#send(body)
    }
    return promise
  }

  close(): void {
    this.#socket.destroy()
  }

  async #send(body: Iterable<Buffer>): Promise<void> {
    for (const piece of body) {
      if (this.#failure || !this.#pending) return
      if (!this.#socket.write(piece)) await this.#drained()
    }
  }

  async #drained(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#resume = resolve
    await promise
    this.#resume = undefined
  }

  #read(bytes: Buffer): boolean {
    const answer = this.#parser?.take(bytes)
    if (answer) {
      this.#pending?.resolve(answer)
      this.#pending = undefined
      this.#parser = undefined
    }
    return true
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#pending?.reject(this.#failure)
    this.#pending = undefined
    this.#resume?.()
  }
}

/** Opens `count` connections, runs `work`, and closes them whatever comes of it. */
export async function withConnections<T>(
  port: number,
  count: number,
  work: (connections: readonly Connection[]) => Promise<T>,
): Promise<T> {
  const opened = await Promise.allSettled(Array.from({ length: count }, () => Connection.open(port)))
  const connections = opened.filter((one) => one.status === 'fulfilled').map((one) => one.value)
  try {
    if (connections.length < count)
      throw new Error(`only ${connections.length} of ${count} connections opened`)
    return await work(connections)
  } finally {
    for (const connection of connections) connection.close()
  }
}
