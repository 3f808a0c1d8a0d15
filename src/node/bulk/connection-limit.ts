/** Counts the connections that each peer, or address, holds to this one, so that a single one cannot take them all. */
import type { Socket } from 'node:net'

/** `false` where `holder` already holds as many others as it may. */
export type ConnectionLimit = (provider: string, socket: Socket) => boolean

export function createConnectionLimit(most: number): ConnectionLimit {
  const held = new Map<string, Set<Socket>>()

  function leave(provider: string, socket: Socket): void {
    const sockets = held.get(provider)!
    sockets.delete(socket)
    if (sockets.size === 0) held.delete(provider)
  }

  return (provider, socket) => {
    const sockets = held.get(provider) ?? new Set()
    if (sockets.has(socket)) return true
    if (sockets.size === most || socket.destroyed) return false
    held.set(provider, sockets.add(socket))
    socket.once('close', () => leave(provider, socket))
    return true
  }
}
