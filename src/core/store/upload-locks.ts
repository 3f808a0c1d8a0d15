/**
 * One request at a time writes to an upload. A request that may take over interrupts the one that is under way, which
 * is often a connection that died unnoticed, and waits for it to end.
 */
import { RegistryError } from '../oci/error.ts'

export interface UploadLocks {
  isLocked(id: string): boolean
  /**
   * Runs `work` as the only writer. Its signal aborts when another writer takes over.
   *
   * @throws RegistryError BLOB_UPLOAD_INVALID (409) if there is a writer and `takeOver` is false
   */
  run<T>(id: string, takeOver: boolean, work: (interruption: AbortSignal) => Promise<T>): Promise<T>
}

interface Writer {
  readonly interruption: AbortController
  /** Never rejects. */
  readonly ended: Promise<unknown>
}

export function createUploadLocks(): UploadLocks {
  const writers = new Map<string, Writer>()
  return {
    isLocked: (id) => writers.has(id),

    async run(id, takeOver, work) {
      for (let other = writers.get(id); other; other = writers.get(id)) {
        if (!takeOver)
          throw conflict('another request is writing to this upload; send Content-Range to take over')
        other.interruption.abort(conflict('another request took over this upload'))
        await other.ended
      }
      const interruption = new AbortController()
      const result = work(interruption.signal).finally(() => writers.delete(id))
      writers.set(id, { interruption, ended: result.catch(() => {}) })
      return result
    },
  }
}

const conflict = (message: string): RegistryError =>
  new RegistryError('BLOB_UPLOAD_INVALID', message, { status: 409 })
