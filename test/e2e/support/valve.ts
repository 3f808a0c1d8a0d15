/** A way to a server that lets through no more than so many bytes of what it answers: a download then stands still. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface Valve extends AsyncDisposable {
  readonly url: string
  /** Breaks all connections off, and takes no more: as if the server were gone. */
  shut(): void
}

/** @param bytes - of all connections together */
export async function openValve(url: string, bytes: number): Promise<Valve> {
  const sockets = new Set<Socket>()
  let left = bytes

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
    far.on('data', (chunk) => {
      near.write(chunk.subarray(0, left))
      left -= Math.min(left, chunk.length)
      if (left === 0) far.pause()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const shut = (): void => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    shut,
    [Symbol.asyncDispose]: async () => shut(),
  }
}
