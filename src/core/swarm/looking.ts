/**
 * Looks at what peers have, and keeps nothing of it: who merely opens an image's page, or asks with
 * `Cache-Control: no-store`, does not want it here.
 */
import { RegistryError } from '../oci/error.ts'
import { type Glimpse, MOST_LOOKED_AT } from '../store/elsewhere.ts'
import { createLocks } from '../store/locks.ts'
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
  ): Promise<Glimpse | undefined>
}

/** So many wait at most: whoever asks for a thousand things that nobody has would keep all others waiting. */
const MOST_WAITING = 256

/** So many at once, since each is in memory: up to {@link MOST_LOOKED_AT} from each of four peers. */
const LANES = 4

const BLOB: Kind<undefined> = {
  isOffered: ({ size }) => size > 0 && size <= MOST_LOOKED_AT,
  parse: () => undefined,
}

export function createLooking(reads: SmallReads): Looking {
  const lanes = createLocks()
  let last = 0
  let waiting = 0
  async function read({ what, ...wanted }: Parameters<Looking['look']>[0], signal: AbortSignal) {
    const kind: Kind<{ readonly mediaType: string } | undefined> = what === 'blob' ? BLOB : manifestWith()
    const verified = await reads.read(wanted, kind, { signal })
    if (!verified) return undefined
    const { bytes, value, holder } = verified
    return { bytes, mediaType: value?.mediaType, origins: new Map([[holder.peer, bytes.length]]) }
  }

  return {
    async look(wanted, signal) {
      if (waiting >= MOST_WAITING) throw new RegistryError('TOOMANYREQUESTS')
      waiting++
      try {
        return await lanes.hold(`lane ${++last % LANES}`, () => read(wanted, signal))
      } finally {
        waiting--
      }
    },
  }
}
