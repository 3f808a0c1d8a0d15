/** All downloads: one for each digest, however many ask for it, and misses are remembered for a second. */

import { raceSignal } from '../../async/abortable.ts'
import { delay } from '../../async/delay.ts'
import { createSingleFlight } from '../../async/singleflight.ts'
import type { Digest } from '../../oci/digest.ts'
import type { RemoteBlob } from '../../store/remote.ts'
import type { Membership } from '../lookup/membership.ts'
import type { PartialOffer } from '../serve/slots.ts'
import { LeafListBudget } from './claim.ts'
import { Download, type DownloadDeps } from './download.ts'
import { DownloadSlots } from './download-slots.ts'

export interface FetchOptions {
  readonly signal?: AbortSignal | undefined
  /** What peers may call the repository as well. */
  readonly alias?: string | undefined
  /**
   * Resolves when the blob is here, or with `undefined` if that takes longer than two seconds; the download goes on. Only
   * peers that are connected already are asked.
   */
  readonly isComplete?: boolean | undefined
}

export interface Downloads {
  /**
   * Begins to download a blob into a repository, or joins a download of it. Resolves when a peer that has it was found and
   * its size is known; with `undefined` if no peer has it, or if it doesn't belong to the repository. The download goes on
   * when the caller leaves, if a manifest here names the blob.
   *
   * @throws the signal's reason
   */
  fetch(repository: string, digest: Digest, options?: FetchOptions): Promise<RemoteBlob | undefined>
  /** What has arrived so far, if one of the repositories that want it passes. */
  underWay(digest: Digest, isShared: (repository: string) => boolean): PartialOffer | undefined
  /** Ends all downloads. What a manifest here names is kept for the next start. */
  close(): Promise<void>
}

export interface DownloadsDeps
  extends Omit<DownloadDeps, 'connectedOnly' | 'signal' | 'slots' | 'leafLists' | 'isAwaited' | 'onEnd'> {
  readonly membership: Pick<Membership, 'belongs'>
}

/** Downloads at once. Each of the large ones has a window of leaves in memory. */
const MAX_LARGE_DOWNLOADS = 4
const MAX_SMALL_DOWNLOADS = 16

/** Memory for lists of leaves, enough for two of the largest blobs. */
const MAX_LEAF_LISTS_BYTES = 64 * 1024 * 1024

/** How long a caller waits for a complete blob. */
const COMPLETE_TIMEOUT_MS = 2000

export const createDownloads = (deps: DownloadsDeps): Downloads => new DownloadRegistry(deps)

class DownloadRegistry implements Downloads {
  readonly #deps: DownloadsDeps
  readonly #downloads = new Map<Digest, Download>()
  /** How many callers wait for each blob. */
  readonly #waiting = new Map<Digest, number>()
  readonly #search = createSingleFlight<RemoteBlob>()
  readonly #closing = new AbortController()
  readonly #leafLists = new LeafListBudget(MAX_LEAF_LISTS_BYTES)
  readonly #slots = {
    large: new DownloadSlots(MAX_LARGE_DOWNLOADS),
    small: new DownloadSlots(MAX_SMALL_DOWNLOADS),
  }

  constructor(deps: DownloadsDeps) {
    this.#deps = deps
  }

  async fetch(
    repository: string,
    digest: Digest,
    { signal, alias, isComplete = false }: FetchOptions = {},
  ): Promise<RemoteBlob | undefined> {
    const leave = this.#wait(digest)
    try {
      const options = { signal: this.#closing.signal, connectedOnly: isComplete }
      const start = async () => {
        const isHere = await this.#deps.membership.belongs({ repository, alias }, digest, options)
        return isHere ? this.#find(repository, digest, isComplete) : undefined
      }
      const blob = await this.#search(`${repository} ${alias} ${digest} ${isComplete}`, start, signal)
      return blob && (!isComplete || (await isDone(blob, signal))) ? blob : undefined
    } finally {
      leave()
    }
  }

  underWay(digest: Digest, isShared: (repository: string) => boolean): PartialOffer | undefined {
    const download = this.#downloads.get(digest)
    return download && [...download.repositories].some(isShared) ? download.partial : undefined
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('the swarm is closing'))
    await Promise.allSettled([...this.#downloads.values()].map(({ ended }) => ended))
  }

  async #find(repository: string, digest: Digest, connectedOnly: boolean): Promise<RemoteBlob | undefined> {
    const { signal } = this.#closing
    for (;;) {
      signal.throwIfAborted()
      const download = this.#downloads.get(digest) ?? this.#start(digest, connectedOnly)
      if (download.hasFailed) {
        await raceSignal(download.ended, signal)
        continue
      }
      download.repositories.add(repository)
      const blob = await download.find(signal)
      // If only connected peers were asked, and others may be asked now, there is one more search.
      if (blob || connectedOnly || !download.connectedOnly) return blob
    }
  }

  #start(digest: Digest, connectedOnly: boolean): Download {
    const download: Download = new Download(digest, {
      ...this.#deps,
      connectedOnly,
      signal: this.#closing.signal,
      slots: this.#slots,
      leafLists: this.#leafLists,
      isAwaited: () => this.#waiting.has(digest),
      onEnd: () => {
        if (this.#downloads.get(digest) === download) this.#downloads.delete(digest)
      },
    })
    this.#downloads.set(digest, download)
    return download
  }

  /** Counts one more that waits for the blob, until the function is called that this gives. */
  #wait(digest: Digest): () => void {
    this.#waiting.set(digest, (this.#waiting.get(digest) ?? 0) + 1)
    return () => {
      const others = this.#waiting.get(digest)! - 1
      if (others > 0) this.#waiting.set(digest, others)
      else this.#waiting.delete(digest)
    }
  }
}

/** `false` if the download fails or takes too long. */
async function isDone({ done }: RemoteBlob, signal?: AbortSignal): Promise<boolean> {
  const left = new AbortController()
  const succeeded = done.then(
    () => true,
    () => false,
  )
  const inTime = Promise.race([succeeded, delay(COMPLETE_TIMEOUT_MS, left.signal)])
  try {
    return (await (signal ? raceSignal(inTime, signal) : inTime)) ?? false
  } finally {
    left.abort()
  }
}
