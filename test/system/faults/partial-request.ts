/** A request whose body comes in parts, or not to its end: what no client library lets a test do. */

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface PartialRequest {
  send(bytes: Uint8Array): Promise<void>
  /** Says that no more will come, and still listens. */
  end(): void
  /** Is gone from one moment to the next. */
  cut(): void
  /** The status of the answer; `undefined` where the connection ended without one. */
  readonly status: Promise<number | undefined>
}

/** `length` is what `Content-Length` promises. */
export const beginRequest = async (
  url: string,
  method: string,
  path: string,
  length: number,
): Promise<PartialRequest> => {
  const { host, hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => {}) // told by the missing answer
  const status = statusFrom(socket)
  await once(socket, 'connect')
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n`,
  )
  return {
    send: (bytes) => new Promise((resolve) => void socket.write(bytes, () => resolve())),
    end: () => void socket.end(),
    cut: () => void socket.resetAndDestroy(),
    status,
  }
}

const statusFrom = (socket: Socket): Promise<number | undefined> =>
  new Promise((resolve) => {
    socket.setEncoding('latin1').once('data', (text: string) => resolve(Number(text.split(' ', 2)[1])))
    socket.once('end', () => {
      resolve(undefined)
      socket.destroy()
    })
    socket.once('close', () => resolve(undefined))
  })
