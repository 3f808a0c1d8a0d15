/** Downloads: one a digest, however many ask for it, and for however long they stay. */
import { orAborted } from '../../async/abortable.ts'
import type { Digest } from '../../oci/digest.ts'
import type { FindOptions } from '../lookup/providers.ts'
import type { PartialOffer } from '../serve/slots.ts'
import { createBudget } from './budget.ts'
import { createDownload, type Download, type DownloadDeps, type Job } from './download.ts'
import { createDownloadSlots } from './download-slots.ts'

export type { Download } from './download.ts'

export interface FetchOptions extends Pick<FindOptions, 'signal' | 'connectedOnly'> {
  /** Whoever waits for it says so by `attend`. */
  readonly isUnattended?: boolean
}

export interface Downloads {
  /**
   * Begins to bring a blob into a repository, or joins who did. Resolves when somebody who has it was found and its
   * size is known; `undefined` where nobody was. It goes on when the caller leaves, if a manifest that is here names it.
   *
   * @throws the signal's reason
   */
  fetch(repository: string, digest: Digest, options?: FetchOptions): Promise<Download | undefined>
  /** Somebody waits for it, until the function is called that this gives. */
  attend(digest: Digest): () => void
  /** What has come so far, if it is for any repository that passes. */
  underWay(digest: Digest, isShared: (repository: string) => boolean): PartialOffer | undefined
  /** Breaks off what is under way; what a manifest stands for is kept for the next start. */
  close(): Promise<void>
}

export type DownloadsParts = Omit<
  DownloadDeps,
  'connectedOnly' | 'signal' | 'slots' | 'lists' | 'isAwaited' | 'onEnd'
>

/** Downloads at once. Each of the large ones has a window of leaves in memory. */
const LARGE = 4
const SMALL = 16

/** Bytes of leaf lists in memory: those of the largest blob, twice. */
const LISTS = 64 * 1024 * 1024

export function createDownloads(parts: DownloadsParts): Downloads {
  const jobs = new Map<Digest, Job>()
  const closing = new AbortController()
  const slots = { large: createDownloadSlots(LARGE), small: createDownloadSlots(SMALL) }
  const lists = createBudget(LISTS)
  const awaited = new Map<Digest, number>()

  function attend(digest: Digest): () => void {
    awaited.set(digest, (awaited.get(digest) ?? 0) + 1)
    return () => {
      const others = awaited.get(digest)! - 1
      if (others > 0) awaited.set(digest, others)
      else awaited.delete(digest)
    }
  }

  function start(digest: Digest, connectedOnly: boolean): Job {
    const job: Job = createDownload(digest, {
      ...parts,
      connectedOnly,
      signal: closing.signal,
      slots,
      lists,
      isAwaited: () => awaited.has(digest),
      onEnd() {
        if (jobs.get(digest) === job) jobs.delete(digest)
      },
    })
    jobs.set(digest, job)
    return job
  }

  return {
    async fetch(repository, digest, options = {}) {
      const { signal = closing.signal, connectedOnly = false, isUnattended = false } = options
      const leave = isUnattended ? () => {} : attend(digest)
      try {
        for (;;) {
          closing.signal.throwIfAborted()
          const job = jobs.get(digest) ?? start(digest, connectedOnly)
          if (job.hasFailed) {
            await orAborted(job.ended, signal)
            continue
          }
          job.repositories.add(repository)
          const download = await orAborted(job.found, signal)
          // Where it was looked for with less effort than is asked for now, it is looked for again.
          if (download || connectedOnly || !job.connectedOnly) return download?.()
        }
      } finally {
        leave()
      }
    },

    attend,

    underWay(digest, isShared) {
      const job = jobs.get(digest)
      return job && [...job.repositories].some(isShared) ? job.partial : undefined
    },

    async close() {
      closing.abort(new Error('the swarm is closing'))
      await Promise.allSettled([...jobs.values()].map(({ ended }) => ended))
    },
  }
}
