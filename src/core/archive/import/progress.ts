/** The progress of a push, in which several blobs are sent at once. */
import type { Pushed } from '../../client/upload.ts'
import type { Digest } from '../../oci/digest.ts'
import type { ArchiveBlob } from './archive.ts'

export interface ArchiveProgress {
  /** Bytes of blobs that the registry has, from this push or from before. */
  readonly done: number
  readonly total: number
  /** The blob that has made progress. */
  readonly blob?: BlobProgress | undefined
}

export interface BlobProgress {
  readonly digest: Digest
  readonly size: number
  /** Bytes sent so far. */
  readonly done: number
  /** `held`: the registry already had it. */
  readonly state: 'running' | 'done' | 'held'
}

export interface Progress {
  /** `sent` bytes of the blob have been sent. */
  move(blob: ArchiveBlob, sent: number): void
  finish(blob: ArchiveBlob, pushed: Pushed): void
}

export function createProgress(
  total: number,
  onProgress: (progress: ArchiveProgress) => void = () => {},
): Progress {
  const moving = new Map<Digest, number>()
  let finished = 0
  const report = (blob: BlobProgress) => {
    const done = [...moving.values()].reduce((sum, sent) => sum + sent, finished)
    onProgress({ done, total, blob })
  }
  onProgress({ done: 0, total })
  return {
    move({ digest, size }, sent) {
      moving.set(digest, sent)
      report({ digest, size, done: sent, state: 'running' })
    },
    finish({ digest, size }, pushed) {
      moving.delete(digest)
      finished += size
      report({ digest, size, done: size, state: pushed === 'held' ? 'held' : 'done' })
    },
  }
}
