/** Counts the connections that each peer holds to this one, so that a single peer cannot take them all. */
import type { Socket } from 'node:net'
import type { PeerId } from '../../core/swarm/ports.ts'

/** `false` where the peer already holds as many others as it may. */
export type ConnectionLimit = (peer: PeerId, socket: Socket) => boolean

export function createConnectionLimit(most: number): ConnectionLimit {
  const held = new Map<PeerId, Set<Socket>>()

  function leave(peer: PeerId, socket: Socket): void {
    const sockets = held.get(peer)!
    sockets.delete(socket)
    if (sockets.size === 0) held.delete(peer)
  }

  return (peer, socket) => {
    const sockets = held.get(peer) ?? new Set()
    if (sockets.has(socket)) return true
    if (sockets.size === most || socket.destroyed) return false
    held.set(peer, sockets.add(socket))
    socket.once('close', () => leave(peer, socket))
    return true
  }
}
