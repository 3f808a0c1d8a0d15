/** A way to a server on which answers take their time. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SlowWay extends AsyncDisposable {
  readonly url: string
}

/** @param rate - bytes a second on each connection */
export async function openSlowWay(url: string, rate: number): Promise<SlowWay> {
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1')
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('error', () => {}) // its end is told as well
      socket.once('close', () => {
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far)
    far.pipe(slowly(rate)).pipe(near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

const slowly = (rate: number): Transform =>
  new Transform({
    async transform(chunk: Buffer, _, done) {
      await sleep((chunk.length / rate) * 1000)
      done(null, chunk)
    },
  })
