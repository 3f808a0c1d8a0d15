/**
 * The catalog's database on wa-sqlite, in IndexedDB: the only place where a service worker can store SQLite's pages.
 *
 * Statements run in batches: first all waiting reads and the reads that follow from them, then all waiting transactions,
 * which share one commit. A commit takes some milliseconds, and a single read about one, nearly all of it in IndexedDB.
 * `durable: false` makes no difference, because what IndexedDB has not written is lost with the worker, too.
 */

import { nextTask } from '../../core/async/delay.ts'
import type { Database, Row, Run, Value } from '../../core/catalog/database.ts'
import { inSavepoint } from '../../core/catalog/database.ts'
import { storageFailed } from '../../core/oci/error.ts'
import { type ConnectionOptions, ReconnectingConnection } from './reconnecting-connection.ts'

/** Transactions that share a commit. A read may have to wait for so many. */
const MAX_TRANSACTIONS_PER_COMMIT = 16

/** Pages that commits have replaced are deleted after so many commits. */
const COMMITS_PER_PURGE = 32

/** Opens the database of that name, or creates it. @throws RegistryError if the storage fails; SQLiteError */
export async function openWaSqlite(name: string, options: ConnectionOptions): Promise<Database> {
  const database = new WaSqliteDatabase(new ReconnectingConnection(name, options))
  try {
    await database.run('SELECT count(*) FROM sqlite_schema')
    return database
  } catch (error) {
    await database.close().catch(() => {}) // the first failure says more
    throw error
  }
}

interface Read {
  /** Never rejects. */
  readonly execute: () => Promise<void>
  readonly fail: (error: unknown) => void
}

interface Transaction {
  /** Never rejects. */
  readonly work: (run: Run) => Promise<void>
  readonly committed: PromiseWithResolvers<void>
}

class WaSqliteDatabase implements Database {
  readonly #connection: ReconnectingConnection
  #commits = 0
  #reads: Read[] = []
  #transactions: Transaction[] = []
  /** Runs while there are reads or transactions; never rejects. */
  #batches: Promise<void> | undefined

  constructor(connection: ReconnectingConnection) {
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
    const inCommit = async (run: Run): Promise<void> => {
      outcome = inSavepoint(run, work)
      await outcome.catch(() => {})
    }
    this.#transactions.push({ work: inCommit, committed })
    this.#wake()
    await committed.promise.catch(async (error) => {
      await outcome // the transaction's own failure says more
      throw error
    })
    return outcome!
  }

  async close(): Promise<void> {
    await this.#batches
    await this.#connection.close()
  }

  #wake(): void {
    this.#batches ??= this.#runBatches()
  }

  async #runBatches(): Promise<void> {
    await undefined // so that calls in the same task share a batch
    while (this.#reads.length + this.#transactions.length > 0) {
      await this.#runReads()
      await this.#runTransactions(this.#transactions.splice(0, MAX_TRANSACTIONS_PER_COMMIT))
    }
    this.#batches = undefined
  }

  /** Takes one lock for all, which costs more than a read, and keeps it for reads that callers make right after these. */
  async #runReads(): Promise<void> {
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
    } while (this.#reads.length > 0 && this.#transactions.length === 0)
    await this.#connection.execute('COMMIT').catch(() => {}) // the reads have already succeeded or failed
  }

  /** Makes one commit for all. A transaction that fails is undone alone. */
  async #runTransactions(transactions: readonly Transaction[]): Promise<void> {
    if (transactions.length === 0) return
    try {
      await this.#commit(async (run) => {
        for (const { work } of transactions) await work(run)
      })
      for (const { committed } of transactions) committed.resolve()
    } catch (error) {
      for (const { committed } of transactions) committed.reject(error)
    }
    if (++this.#commits % COMMITS_PER_PURGE === 0) await this.#connection.purge()
  }

  async #commit(work: (run: Run) => Promise<void>): Promise<void> {
    await this.#connection.execute('BEGIN IMMEDIATE')
    const isOpen = this.#connection.watchTransaction()
    const run: Run = async <R extends Row>(sql: string, ...values: Value[]) => {
      // A statement after the end of its transaction must not be committed by itself.
      if (!isOpen()) throw rolledBack()
      return this.#connection.execute<R>(sql, values)
    }
    try {
      await work(run)
      if (!isOpen()) throw rolledBack()
      await this.#connection.execute('COMMIT')
    } catch (error) {
      if (isOpen()) await this.#connection.execute('ROLLBACK').catch(() => {}) // the first failure says more
      throw error
    }
  }
}

const rolledBack = () => storageFailed('the database rolled the transaction back')
