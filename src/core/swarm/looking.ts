/**
 * Looks at what peers have, and keeps nothing of it: who merely opens an image's page, or asks with
 * `Cache-Control: no-store`, does not want it here.
 */

import { createKeyedMutex } from '../async/keyed-mutex.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_PREVIEW_BYTES, type Preview } from '../store/remote.ts'
import { manifestWith } from './manifests.ts'
import type { Kind, SmallReads, Wanted } from './small-reads.ts'

export interface Looking {
  /**
   * `undefined` where nobody has it, or for a blob that is too large to be looked at.
   *
   * @throws RegistryError TOOMANYREQUESTS where too many wait already
   */
  look(
    wanted: Wanted & { readonly what: 'manifest' | 'blob' },
    signal: AbortSignal,
  ): Promise<Preview | undefined>
}

/** So many wait at most: whoever asks for a thousand things that nobody has would keep all others waiting. */
const MAX_WAITING = 256

/** So many at once, since each is in memory: up to {@link MAX_PREVIEW_BYTES} from each of four peers. */
const LANES = 4

const BLOB: Kind<undefined> = {
  isOffered: ({ size }) => size > 0 && size <= MAX_PREVIEW_BYTES,
  parse: () => undefined,
}

export function createLooking(reads: SmallReads): Looking {
  const lanes = createKeyedMutex()
  let last = 0
  let waiting = 0
  async function read({ what, ...wanted }: Parameters<Looking['look']>[0], signal: AbortSignal) {
    const kind: Kind<{ readonly mediaType: string } | undefined> = what === 'blob' ? BLOB : manifestWith()
    const verified = await reads.read(wanted, kind, { signal })
    if (!verified) return undefined
    const { bytes, value, provider } = verified
    return { bytes, mediaType: value?.mediaType, sources: new Map([[provider.peer, bytes.length]]) }
  }

  return {
    async look(wanted, signal) {
      if (waiting >= MAX_WAITING) throw new RegistryError('TOOMANYREQUESTS')
      waiting++
      try {
        return await lanes.run(`lane ${++last % LANES}`, () => read(wanted, signal))
      } finally {
        waiting--
      }
    },
  }
}
