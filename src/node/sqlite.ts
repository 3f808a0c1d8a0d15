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
import { type Database, inSavepoint, type Row, type Run, type Value } from '../core/catalog/database.ts'
import { RegistryError, storageFailed, storageFull } from '../core/oci/error.ts'
import { storageError } from './disk/storage-error.ts'

/** A process that is just stopping gets this long to release the file. */
const LOCK_TIMEOUT_MS = 500

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
 * Opens `file`, or creates it with the permissions `mode`, which SQLite also gives to the files beside it. The operating
 * system releases it when the process ends, however that happens.
 *
 * @throws RegistryError UNAVAILABLE if another process has it open
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

/** For a registry in memory. */
export async function openSqliteInMemory(): Promise<Database> {
  return new SqliteDatabase(openConnection(':memory:'), undefined)
}

function openConnection(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: LOCK_TIMEOUT_MS })
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
  /** The write-ahead log; `undefined` for a database in memory. */
  readonly #log: FileHandle | undefined
  /** By their SQL texts, of which the catalog has a fixed number. */
  readonly #statements = new Map<string, StatementSync>()
  /** Durable transactions that wait for the current sync to end. */
  #jobs: ((run: Run) => Promise<void>)[] = []
  readonly #commitJobs = coalesce(() => this.#commitTogether(this.#jobs.splice(0)))
  /** The last transaction in the queue; never rejects. */
  #last: Promise<unknown> = Promise.resolve()
  #inTransaction = false
  /** Reads that arrived while a transaction was open. */
  #delayedReads: (() => void)[] = []
  #logFailed = false

  constructor(connection: DatabaseSync, log: FileHandle | undefined) {
    this.#connection = connection
    this.#log = log
  }

  run: Run = async <R extends Row>(sql: string, ...values: Value[]): Promise<R[]> => {
    if (!this.#inTransaction) return this.#execute<R>(sql, values)
    return new Promise((resolve) => this.#delayedReads.push(() => resolve(this.run<R>(sql, ...values))))
  }

  async transaction<T>(
    work: (run: Run) => Promise<T>,
    options: { readonly durable?: boolean } = {},
  ): Promise<T> {
    if (options.durable === false) return this.#serialize(() => this.#commit(work))
    let outcome: Promise<T> | undefined
    this.#jobs.push(async (run) => {
      outcome = inSavepoint(run, work)
      await outcome.catch(() => {})
    })
    await this.#commitJobs().catch(async (error) => {
      await outcome // the transaction's own error is more specific
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

  #serialize<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    // Reads run before the next transaction, so that many transactions in a row don't delay them.
    const readNow = (): void => {
      for (const read of this.#delayedReads.splice(0)) read()
    }
    this.#last = result.then(readNow, readNow)
    return result
  }

  /** One commit and one sync for all. A transaction that fails is rolled back alone. */
  async #commitTogether(jobs: readonly ((run: Run) => Promise<void>)[]): Promise<void> {
    await this.#serialize(() =>
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
      // If the disk fails, SQLite rolls back by itself; the statements that follow must not be committed without the others.
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
   * After a failed sync, the kernel may mark pages of the log as clean that were never written, and the next sync would
   * succeed without them. So nothing is durable until everything visible has been copied from the log to the database file
   * and synced there. Commits that waited for the failed sync fail for their callers, but may have happened, as with any
   * commit whose response is lost.
   */
  async #sync(): Promise<void> {
    if (this.#logFailed) return this.#serialize(() => this.#emptyLog())
    await this.#log?.datasync().catch((cause) => {
      this.#logFailed = true
      throw storageError(cause)
    })
  }

  async #emptyLog(): Promise<void> {
    const [result] = this.#execute('PRAGMA wal_checkpoint(TRUNCATE)')
    if (result?.['busy'] !== 0) throw storageFailed('the write-ahead log could not be emptied')
    this.#logFailed = false
  }
}

const rolledBack = (): RegistryError => storageFailed('the transaction was rolled back')

/** SQLite itself would create it readable for everybody. */
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

const SQLITE_BUSY = 5
const SQLITE_IOERR = 10
const SQLITE_FULL = 13

/** Failures of the disk are for the client; anything else, such as a violated constraint, is for the caller. */
export function sqliteError(cause: unknown): unknown {
  // The low byte is the primary code: https://www.sqlite.org/rescode.html
  const code = cause instanceof Error && 'errcode' in cause ? Number(cause.errcode) & 0xff : undefined
  if (code === SQLITE_FULL) return storageFull(cause)
  if (code === SQLITE_IOERR) return storageFailed(cause)
  if (code !== SQLITE_BUSY) return cause
  return new RegistryError('UNAVAILABLE', 'the data folder is in use by another process', { cause })
}
