/**
 * Sockets that have not shown yet that a peer is behind them: for how long they may stay so, and how many at a time.
 * Where there are too many, the oldest gives way, so that idle ones keep nobody out.
 */
import type { Socket } from 'node:net'

export interface PendingSockets {
  add(socket: Socket): void
  /** It is somebody else's from now on. */
  settle(socket: Socket): void
}

export interface PendingLimits {
  readonly most: number
  readonly mostOfAddress: number
  /** In milliseconds. */
  readonly timeout: number
}

export function createPendingSockets({ most, mostOfAddress, timeout }: PendingLimits): PendingSockets {
  const pending = new Map<Socket, { readonly address: string; readonly timer: NodeJS.Timeout }>()

  function settle(socket: Socket): void {
    clearTimeout(pending.get(socket)?.timer)
    pending.delete(socket)
  }

  function makeRoom(address: string): void {
    const ofAddress = [...pending].filter(([, entry]) => entry.address === address)
    const [oldest] = ofAddress.length >= mostOfAddress ? ofAddress : pending.size >= most ? pending : []
    oldest?.[0].destroy()
    if (oldest) settle(oldest[0])
  }

  return {
    add(socket) {
      const address = socket.remoteAddress ?? ''
      makeRoom(address)
      pending.set(socket, { address, timer: setTimeout(() => socket.destroy(), timeout) })
      socket.once('close', () => settle(socket))
    },
    settle,
  }
}
