/**
 * The catalog's database on wa-sqlite, in IndexedDB: the one place where a service worker can keep SQLite's pages.
 *
 * Everything runs in turns: all reads that wait, and those that follow from them, then all transactions that wait, which
 * share one commit. A commit costs some milliseconds, and a look-up on its own one, nearly all of them IndexedDB's.
 * `durable: false` makes no difference, since what IndexedDB has not written is lost with the worker, too.
 */

import type { Database, Row, Run, Value } from '../../core/catalog/database.ts'
import { inSavepoint } from '../../core/catalog/savepoint.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { type ConnectionOptions, LastingConnection } from './lasting-connection.ts'
import { nextTask } from './next-task.ts'

/** Transactions that share a commit, and that a reader may have to wait for. */
const MAX_TOGETHER = 16

/** Commits after which the pages that they have replaced are deleted. */
const PURGE_AFTER = 32

/** Opens the database of that name, or makes it. @throws RegistryError where the storage fails, SQLiteError */
export async function openWaSqlite(name: string, options: ConnectionOptions): Promise<Database> {
  const database = new WaSqliteDatabase(new LastingConnection(name, options))
  try {
    await database.run('SELECT count(*) FROM sqlite_schema')
    return database
  } catch (error) {
    await database.close().catch(() => {}) // what failed first says more
    throw error
  }
}

interface Read {
  /** Never rejects. */
  readonly execute: () => Promise<void>
  readonly fail: (error: unknown) => void
}

interface Job {
  /** Never rejects. */
  readonly work: (run: Run) => Promise<void>
  readonly committed: PromiseWithResolvers<void>
}

class WaSqliteDatabase implements Database {
  readonly #connection: LastingConnection
  #commits = 0
  #reads: Read[] = []
  #jobs: Job[] = []
  /** While there are any; never rejects. */
  #turns: Promise<void> | undefined

  constructor(connection: LastingConnection) {
    this.#connection = connection
  }

  run: Run = <R extends Row>(sql: string, ...values: Value[]): Promise<R[]> =>
    new Promise((resolve, fail) => {
      const execute = (): Promise<void> => this.#connection.execute<R>(sql, values).then(resolve, fail)
      this.#reads.push({ execute, fail })
      this.#wake()
    })

  async transaction<T>(work: (run: Run) => Promise<T>): Promise<T> {
    const committed = Promise.withResolvers<void>()
    let outcome: Promise<T> | undefined
    const job = async (run: Run): Promise<void> => {
      outcome = inSavepoint(run, work)
      await outcome.catch(() => {})
    }
    this.#jobs.push({ work: job, committed })
    this.#wake()
    await committed.promise.catch(async (error) => {
      await outcome // its own failure says more
      throw error
    })
    return outcome!
  }

  async close(): Promise<void> {
    await this.#turns
    await this.#connection.close()
  }

  #wake(): void {
    this.#turns ??= this.#takeTurns()
  }

  async #takeTurns(): Promise<void> {
    await undefined // those who ask in the same breath share the turn
    while (this.#reads.length + this.#jobs.length > 0) {
      await this.#readTogether()
      await this.#commitTogether(this.#jobs.splice(0, MAX_TOGETHER))
    }
    this.#turns = undefined
  }

  /** One lock for all, which costs more than a look-up; also for what is asked for as soon as these are answered. */
  async #readTogether(): Promise<void> {
    if (this.#reads.length === 0) return
    try {
      await this.#connection.execute('BEGIN')
    } catch (error) {
      for (const { fail } of this.#reads.splice(0)) fail(error)
      return
    }
    do {
      for (const { execute } of this.#reads.splice(0)) await execute()
      await nextTask()
    } while (this.#reads.length > 0 && this.#jobs.length === 0)
    await this.#connection.execute('COMMIT').catch(() => {}) // whoever has read was told what became of it
  }

  /** One commit for all; each is undone alone where it fails. */
  async #commitTogether(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return
    try {
      await this.#commit(async (run) => {
        for (const { work } of jobs) await work(run)
      })
      for (const { committed } of jobs) committed.resolve()
    } catch (error) {
      for (const { committed } of jobs) committed.reject(error)
    }
    if (++this.#commits % PURGE_AFTER === 0) await this.#connection.purge()
  }

  async #commit(work: (run: Run) => Promise<void>): Promise<void> {
    await this.#connection.execute('BEGIN IMMEDIATE')
    const isOpen = this.#connection.watchTransaction()
    const run: Run = async <R extends Row>(sql: string, ...values: Value[]) => {
      // What follows the end of a transaction must not be committed on its own.
      if (!isOpen()) throw rolledBack()
      return this.#connection.execute<R>(sql, values)
    }
    try {
      await work(run)
      if (!isOpen()) throw rolledBack()
      await this.#connection.execute('COMMIT')
    } catch (error) {
      if (isOpen()) await this.#connection.execute('ROLLBACK').catch(() => {}) // what failed first says more
      throw error
    }
  }
}

const rolledBack = () => storageFailed('the transaction was rolled back')
