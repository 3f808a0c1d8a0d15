/** Counts the connections that each peer, or address, holds to this one, so that a single one cannot take them all. */
import type { Socket } from 'node:net'

/** `false` where `holder` already holds as many others as it may. */
export type ConnectionLimit = (holder: string, socket: Socket) => boolean

export function createConnectionLimit(most: number): ConnectionLimit {
  const held = new Map<string, Set<Socket>>()

  function leave(holder: string, socket: Socket): void {
    const sockets = held.get(holder)!
    sockets.delete(socket)
    if (sockets.size === 0) held.delete(holder)
  }

  return (holder, socket) => {
    const sockets = held.get(holder) ?? new Set()
    if (sockets.has(socket)) return true
    if (sockets.size === most || socket.destroyed) return false
    held.set(holder, sockets.add(socket))
    socket.once('close', () => leave(holder, socket))
    return true
  }
}
