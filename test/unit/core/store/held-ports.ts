/**
 * A disk and a database whose calls are held until a schedule lets them go, one at a time. Nothing runs in between, so
 * the same schedule always gives the same interleaving.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Disk, Upload } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'

interface HeldCall {
  /** The operation that makes the call. */
  readonly operation: string
  /** Never rejects. */
  go(): Promise<unknown>
}

/** Chooses one of the operations that have a call to make; `undefined` lets no more calls go, as in a crash. */
export type Schedule = (operations: readonly string[]) => number | undefined

export interface HeldPorts {
  readonly disk: Disk
  readonly database: Database
  /** Runs the operations at the same time. Resolves when all have ended, or when the schedule ends before them. */
  run(
    operations: Readonly<Record<string, () => Promise<unknown>>>,
    schedule: Schedule,
  ): Promise<ReadonlyMap<string, PromiseSettledResult<unknown>>>
}

/** Calls made outside of `run` are not held. */
export function holdPorts(disk: Disk, database: Database): HeldPorts {
  const current = new AsyncLocalStorage<string>()
  const held: HeldCall[] = []

  function hold<T>(call: () => Promise<T>): Promise<T> {
    const operation = current.getStore()
    if (operation === undefined) return call()
    return new Promise((resolve, reject) => {
      held.push({ operation, go: () => call().then(resolve, reject) })
    })
  }

  const holdUpload = (upload: Upload): Upload => ({
    id: upload.id,
    get size() {
      return upload.size
    },
    append: (bytes, options) => hold(() => upload.append(bytes, options)),
    commit: (digest, options) => hold(() => upload.commit(digest, options)),
    open: () => upload.open(),
    truncate: (size) => hold(() => upload.truncate(size)),
    cancel: () => hold(() => upload.cancel()),
  })

  return {
    disk: {
      get: (digest) => hold(() => disk.get(digest)),
      create: async (options) => holdUpload(await hold(() => disk.create(options))),
      async resume(id, options) {
        const upload = await hold(() => disk.resume(id, options))
        return upload && holdUpload(upload)
      },
      delete: (digest) => hold(() => disk.delete(digest)),
      list: () => disk.list(),
      uploads: () => disk.uploads(),
    },

    database: {
      run: (sql, ...values) => hold(() => database.run(sql, ...values)),
      transaction: (work, options) => hold(() => database.transaction(work, options)),
      close: () => database.close(),
    },

    async run(operations, schedule) {
      const results = new Map<string, PromiseSettledResult<unknown>>()
      const names = Object.keys(operations)
      for (const name of names) {
        const work = current.run(name, async () => operations[name]!())
        work.then(
          (value) => results.set(name, { status: 'fulfilled', value }),
          (reason) => results.set(name, { status: 'rejected', reason }),
        )
      }
      await untilIdle()
      while (results.size < names.length) {
        if (held.length === 0) throw new Error(`stuck: only ${[...results.keys()]} ended`)
        const chosen = schedule(held.map(({ operation }) => operation))
        if (chosen === undefined) break
        const [call] = held.splice(chosen, 1)
        await call!.go()
        await untilIdle()
      }
      held.length = 0
      return results
    },
  }
}

/** Resolves when nothing is left to run but the calls that are held. */
const untilIdle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
