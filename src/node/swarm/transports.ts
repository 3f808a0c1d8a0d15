/** How peers on Node reach each other. What is large is loaded only where it is used. */
import { tcp } from '@libp2p/tcp'
import { webSockets } from '@libp2p/websockets'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import { isWebRtc } from './listen.ts'

export async function transportsFor(listen: readonly string[]): Promise<Libp2pParts['transports']> {
  const transports = [tcp(), webSockets()]
  if (!listen.some(isWebRtc)) return transports
  const { webRTCDirect } = await import('@libp2p/webrtc')
  return [...transports, webRTCDirect()]
}
