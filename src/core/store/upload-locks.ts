/**
 * Who writes to which upload. One request at a time does; one that may take over interrupts the one under way, which
 * is often a connection that died unnoticed, and waits for it to end.
 */
import { RegistryError } from '../oci/error.ts'

export interface Writers {
  has(id: string): boolean
  /**
   * Runs `work` as the only writer. Its signal aborts when another writer takes over.
   *
   * @throws RegistryError BLOB_UPLOAD_INVALID (409) where there is a writer and `takeOver` is false
   */
  alone<T>(id: string, takeOver: boolean, work: (interruption: AbortSignal) => Promise<T>): Promise<T>
}

interface Writer {
  readonly interruption: AbortController
  /** Never rejects. */
  readonly ended: Promise<unknown>
}

export function createWriters(): Writers {
  const writers = new Map<string, Writer>()
  return {
    has: (id) => writers.has(id),

    async alone(id, takeOver, work) {
      for (let other = writers.get(id); other; other = writers.get(id)) {
        if (!takeOver) throw conflict('another request is writing')
        other.interruption.abort(conflict('another request took over'))
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
