/** Ways to a server on which something happens to what it answers: they end after so many bytes, or are slow. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Way extends AsyncDisposable {
  readonly url: string
  /** Breaks all connections off, and takes no more: as if the server were gone. */
  shut(): void
}

/**
 * Lets through no more than so many bytes of what the server answers: a download then stands still.
 *
 * @param bytes - of all connections together
 */
export function openValve(url: string, bytes: number): Promise<Way> {
  let left = bytes
  return openWay(url, '127.0.0.1', (far, near) =>
    far.on('data', (chunk) => {
      near.write(chunk.subarray(0, left))
      left -= Math.min(left, chunk.length)
      if (left === 0) far.pause()
    }),
  )
}

/** @param rate - bytes a second on each connection */
export const openSlowWay = (url: string, rate: number): Promise<Way> =>
  openWay(url, 'localhost', (far, near) => far.pipe(slowly(rate)).pipe(near))

const slowly = (rate: number): Transform =>
  new Transform({
    async transform(chunk: Buffer, _, done) {
      await sleep((chunk.length / rate) * 1000)
      done(null, chunk)
    },
  })

/**
 * @param host - by which this end of it is known
 * @param answer - passes on what comes from `far`, the server
 */
async function openWay(
  url: string,
  host: string,
  answer: (far: Socket, near: Socket) => unknown,
): Promise<Way> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}) // its end is told as well
      socket.once('close', () => {
        near.destroy()
        far.destroy()
        sockets.delete(socket)
      })
    }
    near.pipe(far)
    answer(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const shut = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    shut,
    [Symbol.asyncDispose]: async () => shut(),
  }
}
