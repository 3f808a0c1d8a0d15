/**
 * Reads what peers have without keeping it, for a page that shows an image, or a request with
 * `Cache-Control: no-store`.
 */

import { createSemaphore } from '../async/semaphore.ts'
import { RegistryError } from '../oci/error.ts'
import { MAX_PREVIEW_BYTES, type Preview } from '../store/remote.ts'
import { manifestWith } from './manifests.ts'
import type { ContentKind, SmallReads, WantedContent } from './small-reads.ts'

export interface WantedPreview extends WantedContent {
  readonly what: 'manifest' | 'blob'
}

export interface Previews {
  /**
   * `undefined` if no peer has it, and for a blob that is too large.
   *
   * @throws RegistryError TOOMANYREQUESTS if too many previews wait already
   */
  read(wanted: WantedPreview, signal: AbortSignal): Promise<Preview | undefined>
}

/** A client that asks for a thousand things that nobody has must not keep all others waiting. */
const MAX_PREVIEWS = 256

/** At the same time, since each holds up to {@link MAX_PREVIEW_BYTES} from each of four peers in memory. */
const MAX_CONCURRENT_READS = 4

const BLOB: ContentKind<undefined> = {
  isOffered: ({ size }) => size > 0 && size <= MAX_PREVIEW_BYTES,
  parse: () => undefined,
}

export function createPreviews(reads: SmallReads): Previews {
  const slots = createSemaphore(MAX_CONCURRENT_READS)
  let count = 0

  async function read({ what, ...wanted }: WantedPreview, signal: AbortSignal): Promise<Preview | undefined> {
    const kind: ContentKind<{ readonly mediaType: string } | undefined> =
      what === 'blob' ? BLOB : manifestWith()
    const verified = await reads.read(wanted, kind, { signal })
    if (!verified) return undefined
    const { bytes, value, provider } = verified
    return { bytes, mediaType: value?.mediaType, sources: new Map([[provider.peer, bytes.length]]) }
  }

  return {
    async read(wanted, signal) {
      if (count >= MAX_PREVIEWS) throw new RegistryError('TOOMANYREQUESTS')
      count++
      try {
        return await slots.run(() => read(wanted, signal))
      } finally {
        count--
      }
    },
  }
}
