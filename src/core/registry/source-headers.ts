/**
 * Where the bytes of a pull came from, as headers: `Flotilla-Source` for programs, `Server-Timing` for the developer
 * tools of browsers.
 *
 * @see https://www.w3.org/TR/server-timing/
 */
import type { Sources } from '../store/remote.ts'

/** What was here already. The same object for every pull, since these are most. */
export const FROM_DISK: Readonly<Record<string, string>> = {
  'Flotilla-Source': 'disk',
  'Server-Timing': 'disk',
}

/**
 * What peers gave, as far as it has arrived: `peer;id=12D3KooW…;bytes=1024, peer;…`, or `peer` before anything has.
 *
 * @param milliseconds - from the question to its answer, not to the last byte
 */
export function fromPeers(origins: Sources, milliseconds: number): Record<string, string> {
  const peers = [...origins].map(([id, bytes]) => `peer;id=${id};bytes=${bytes}`)
  const names = [...origins.keys()].join(' ')
  return {
    'Flotilla-Source': peers.join(', ') || 'peer',
    'Server-Timing': `swarm;dur=${milliseconds.toFixed(1)}${names && `;desc="${names}"`}`,
  }
}
