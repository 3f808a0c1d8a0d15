/** Many connections of one attacker. */
import { connect, type Socket } from 'node:net'

export interface Sockets extends Disposable {
  /** Those that the other side has not closed. */
  open(): number
}

/** @param port - on loopback @param say - what each of them sends, and then nothing more */
export async function openSockets(count: number, port: number, say?: string | Uint8Array): Promise<Sockets> {
  const sockets = await Promise.all(Array.from({ length: count }, () => openSocket(port, say)))
  return {
    open: () => sockets.filter(({ closed, readableEnded }) => !closed && !readableEnded).length,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy()
    },
  }
}

async function openSocket(port: number, say: string | Uint8Array | undefined): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  // It may be refused, or cut at once: then it is one that is closed.
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve))
  if (say !== undefined && socket.writable) socket.write(say)
  return socket.resume()
}
