/** How peers on Node reach each other. What is large is loaded only where it is used. */
import { tcp } from '@libp2p/tcp'
import type { Config } from '../../core/config.ts'
import type { Libp2pParts } from '../../core/libp2p/options.ts'
import { isWebRtc } from './listen.ts'
import { webSocketDoor } from './web-socket-door.ts'

export async function transportsFor(
  listen: readonly string[],
  config: Pick<Config, 'http'>,
): Promise<Libp2pParts['transports']> {
  const transports = [tcp(), webSocketDoor(config)]
  if (!listen.some(isWebRtc)) return transports
  const { webRtcDoor } = await import('./web-rtc-door.ts')
  return [...transports, await webRtcDoor()]
}
