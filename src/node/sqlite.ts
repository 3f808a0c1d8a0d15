/**
 * The catalog's database on `node:sqlite`: one connection that works on the main thread (a look-up takes some
 * microseconds), and commits that are durable without blocking it.
 *
 * With `synchronous=FULL` every COMMIT would sync the write-ahead log while the event loop stands still. Here
 * SQLite runs with NORMAL, and after each COMMIT we sync the log ourselves, on the thread pool, through a
 * descriptor of our own. That is as durable: the log is only appended to between checkpoints, SQLite syncs it
 * before each checkpoint and the database after it, and a sync that begins after a COMMIT covers its frames.
 * Transactions that arrive during a sync wait for it, as they would have to anyway, and then share one commit and
 * the next sync, so the log grows by the pages that they have in common only once. Opening and closing the log is
 * safe: SQLite locks the database file only, and closing any descriptor of that one would drop its locks.
 *
 * @see https://www.sqlite.org/wal.html
 */

import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { coalesce } from '../core/async/singleflight.ts'
import type { Database, Row, Run, Value } from '../core/catalog/database.ts'
import { inSavepoint } from '../core/catalog/savepoint.ts'
import { type RegistryError, storageFailed } from '../core/oci/error.ts'
import { storageError } from './disk/storage-error.ts'
import { sqliteError } from './sqlite-error.ts'

/** Milliseconds that a process which is just stopping gets to let go of the file. */
const LOCK_TIMEOUT = 500

/**
 * The log may grow to 16 MiB before it is copied into the database: most of its pages are the same few, and each
 * copying syncs on the main thread. The lock is EXCLUSIVE for as long as the file is open, which also spares the
 * shared-memory file. What a savepoint needs to undo its changes stays in memory: it would be three of four writes
 * to files, and a roll-back is all that ever reads it.
 */
const SETTINGS = `
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA wal_autocheckpoint = 4000;
  PRAGMA temp_store = MEMORY;
  PRAGMA foreign_keys = ON;
  BEGIN IMMEDIATE;
  COMMIT;
`

/**
 * Opens `file`, or makes it with the permissions `mode`, which SQLite gives to the files beside it too. The operating system frees it when the process ends, however it ends.
 *
 * @throws RegistryError UNAVAILABLE where another process has it open
 */
export async function openSqlite(file: string, mode = 0o600): Promise<Database> {
  await makeFile(file, mode)
  const connection = openConnection(file)
  try {
    // Both names, of the file and of its log, must outlive a power cut before the first commit counts.
    await syncFolder(dirname(file))
    return new SqliteDatabase(connection, await open(`${file}-wal`, 'r+'))
  } catch (cause) {
    connection.close()
    throw storageError(cause)
  }
}

/** For a registry that keeps nothing. */
export async function openSqliteInMemory(): Promise<Database> {
  return new SqliteDatabase(openConnection(':memory:'), undefined)
}

function openConnection(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: LOCK_TIMEOUT })
  try {
    connection.exec(SETTINGS)
    return connection
  } catch (cause) {
    connection.close()
    throw sqliteError(cause)
  }
}

class SqliteDatabase implements Database {
  readonly #connection: DatabaseSync
  /** `undefined` where there is nothing to make durable. */
  readonly #log: FileHandle | undefined
  /** By their texts, of which there are as many as stand in the catalog's code. */
  readonly #statements = new Map<string, StatementSync>()
  /** Durable transactions that wait for the sync under way to end. */
  #jobs: ((run: Run) => Promise<void>)[] = []
  readonly #commitJobs = coalesce(() => this.#commitTogether(this.#jobs.splice(0)))
  /** The last transaction in the queue; never rejects. */
  #last: Promise<unknown> = Promise.resolve()
  #inTransaction = false
  /** Reads that came while a transaction was open. */
  #waiting: (() => void)[] = []
  #logFailed = false

  constructor(connection: DatabaseSync, log: FileHandle | undefined) {
    this.#connection = connection
    this.#log = log
  }

  run: Run = async <R extends Row>(sql: string, ...values: Value[]): Promise<R[]> => {
    if (!this.#inTransaction) return this.#execute<R>(sql, values)
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.run<R>(sql, ...values))))
  }

  async transaction<T>(
    work: (run: Run) => Promise<T>,
    options: { readonly durable?: boolean } = {},
  ): Promise<T> {
    if (options.durable === false) return this.#inTurn(() => this.#commit(work))
    let outcome: Promise<T> | undefined
    this.#jobs.push(async (run) => {
      outcome = inSavepoint(run, work)
      await outcome.catch(() => {})
    })
    await this.#commitJobs().catch(async (error) => {
      await outcome // its own failure says more
      throw error
    })
    return outcome!
  }

  async close(): Promise<void> {
    await this.#last
    await this.#commitJobs().finally(() => {
      this.#connection.close()
      return this.#log?.close()
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work)
    // Readers come before the next turn, so that many transactions in a row do not keep them waiting.
    const readNow = (): void => {
      for (const read of this.#waiting.splice(0)) read()
    }
    this.#last = turn.then(readNow, readNow)
    return turn
  }

  /** One commit and one sync for all; each is undone alone where it fails. */
  async #commitTogether(jobs: readonly ((run: Run) => Promise<void>)[]): Promise<void> {
    await this.#inTurn(() =>
      this.#commit(async (run) => {
        for (const job of jobs) await job(run)
      }),
    )
    await this.#sync()
  }

  async #commit<T>(work: (run: Run) => Promise<T>): Promise<T> {
    this.#execute('BEGIN IMMEDIATE')
    this.#inTransaction = true
    const run: Run = async <R extends Row>(sql: string, ...values: Value[]) => {
      // SQLite itself rolls back where the disk fails; what follows must not be committed on its own.
      if (!this.#connection.isTransaction) throw rolledBack()
      return this.#execute<R>(sql, values)
    }
    try {
      const result = await work(run)
      if (!this.#connection.isTransaction) throw rolledBack()
      this.#execute('COMMIT')
      return result
    } catch (error) {
      if (this.#connection.isTransaction) this.#execute('ROLLBACK')
      throw error
    } finally {
      this.#inTransaction = false
    }
  }

  #execute<R extends Row>(sql: string, values: readonly Value[] = []): R[] {
    try {
      return this.#prepare(sql).all(...values) as R[]
    } catch (cause) {
      throw sqliteError(cause)
    }
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known) return known
    const statement = this.#connection.prepare(sql)
    this.#statements.set(sql, statement)
    return statement
  }

  /**
   * After a failed sync the kernel may count pages of the log as written that are not, and the next sync would
   * succeed without them. So nothing is called durable any more until everything that is visible has been
   * copied from the log into the database file and synced there. The commits that were waiting have failed for
   * their callers; whether they happened is open, as with any commit whose answer is lost.
   */
  async #sync(): Promise<void> {
    if (this.#logFailed) return this.#inTurn(() => this.#emptyLog())
    await this.#log?.datasync().catch((cause) => {
      this.#logFailed = true
      throw storageError(cause)
    })
  }

  async #emptyLog(): Promise<void> {
    const [result] = this.#execute('PRAGMA wal_checkpoint(TRUNCATE)')
    if (result?.['busy'] !== 0) throw storageFailed('the log could not be emptied')
    this.#logFailed = false
  }
}

const rolledBack = (): RegistryError => storageFailed('the transaction was rolled back')

/** SQLite itself would make it open to everybody. */
async function makeFile(path: string, mode: number): Promise<void> {
  const file = await open(path, 'a', mode).catch((cause) => {
    throw storageError(cause)
  })
  await file.close()
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}
