/**
 * Headers that say where the bytes of a pull came from: `Flotilla-Source` for programs, `Server-Timing` for the developer
 * tools of browsers.
 *
 * @see https://www.w3.org/TR/server-timing/
 */
import type { Sources } from '../store/remote.ts'

/** For what was stored here already. Most pulls share this object. */
export const FROM_DISK: Readonly<Record<string, string>> = {
  'Flotilla-Source': 'disk',
  'Server-Timing': 'disk',
}

/**
 * What each peer has sent so far: `peer;id=12D3KooW…;bytes=1024, peer;…`, or `peer` before the first byte.
 *
 * @param milliseconds - of the lookup, without the transfer
 */
export function fromPeers(sources: Sources, milliseconds: number): Record<string, string> {
  const peers = [...sources].map(([id, bytes]) => `peer;id=${id};bytes=${bytes}`)
  const names = [...sources.keys()].join(' ')
  return {
    'Flotilla-Source': peers.join(', ') || 'peer',
    'Server-Timing': `swarm;dur=${milliseconds.toFixed(1)}${names && `;desc="${names}"`}`,
  }
}
