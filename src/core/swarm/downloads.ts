/** Downloads: one a digest, however many ask for it, and for however long they stay. */
import { LEAF_SIZE } from '../catalog/blobs.ts'
import type { Digest } from '../oci/digest.ts'
import type { FindOptions } from './holders.ts'
import { createJob, type Download, type Job, type JobParts } from './job.ts'
import { orAborted } from './question.ts'
import { createSlots } from './slots.ts'
import type { Partial } from './turn-answers.ts'

export type { Download } from './job.ts'

export interface Downloads {
  /**
   * Begins to bring a blob into a repository, or joins who did. Resolves when somebody who has it was found and its
   * size is known; `undefined` where nobody was. It goes on when the caller leaves.
   *
   * @throws the signal's reason
   */
  fetch(repository: string, digest: Digest, options?: FindOptions): Promise<Download | undefined>
  /** What has come so far, if it is for any repository that passes. */
  underWay(digest: Digest, isShared: (repository: string) => boolean): Partial | undefined
  /** Breaks off what is under way; what was verified is kept for the next start. */
  close(): Promise<void>
}

export type DownloadsParts = Omit<JobParts, 'connectedOnly' | 'signal' | 'slotsFor' | 'onEnd'>

/** Downloads at once. Each of the large ones has a window of leaves in memory. */
const LARGE = 4
const SMALL = 16

export function createDownloads(parts: DownloadsParts): Downloads {
  const jobs = new Map<Digest, Job>()
  const closing = new AbortController()
  const large = createSlots(LARGE)
  const small = createSlots(SMALL)

  function start(digest: Digest, connectedOnly: boolean): Job {
    const job: Job = createJob(digest, {
      ...parts,
      connectedOnly,
      signal: closing.signal,
      slotsFor: (size) => (size > LEAF_SIZE ? large : small),
      onEnd() {
        if (jobs.get(digest) === job) jobs.delete(digest)
      },
    })
    jobs.set(digest, job)
    return job
  }

  return {
    async fetch(repository, digest, { signal = closing.signal, connectedOnly = false } = {}) {
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
    },

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
