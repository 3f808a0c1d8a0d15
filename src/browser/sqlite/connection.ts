/**
 * One connection of wa-sqlite to a database in IndexedDB, with its prepared statements. It has its own instance of
 * SQLite, so that a broken or hanging connection can be abandoned.
 */
/// <reference path="./idb-batch-atomic-vfs.d.ts" />

import * as SQLite from 'wa-sqlite'
import createModule from 'wa-sqlite/dist/wa-sqlite-async.mjs'
import { IDBBatchAtomicVFS } from 'wa-sqlite/src/examples/IDBBatchAtomicVFS.js'
import { createSerial } from '../../core/async/mutex.ts'
import type { Row, Value } from '../../core/catalog/database.ts'

/** Pages of 8 KiB halve the time of a cold scan, which reads IndexedDB once per page; nothing else gets slower. */
const SETTINGS = [
  'PRAGMA page_size = 8192',
  'PRAGMA cache_size = -8192',
  'PRAGMA locking_mode = NORMAL',
  'PRAGMA synchronous = FULL',
  'PRAGMA temp_store = MEMORY',
  'PRAGMA foreign_keys = ON',
]

/** More than the catalog has. */
const MAX_STATEMENTS = 256

export interface Connection {
  execute<R extends Row = Row>(sql: string, values?: readonly Value[]): Promise<R[]>
  /** SQLite ends a transaction by itself if the storage fails. */
  readonly isInTransaction: boolean
  /** Deletes pages that commits have replaced. */
  purge(): Promise<void>
  close(): Promise<void>
}

/** @param wasm - wa-sqlite-async.wasm. @throws SQLiteError */
export async function connect(name: string, wasm: WebAssembly.Module): Promise<Connection> {
  const module = await instantiate(wasm)
  const sqlite = SQLite.Factory(module)
  const files = new IDBBatchAtomicVFS(name, { durability: 'strict', purge: 'manual' })
  sqlite.vfs_register(files, true)
  const handle = await sqlite.open_v2(name).catch(async (error) => {
    await closeFiles(files).catch(() => {}) // the first failure says more
    throw error
  })
  const connection = new WaSqliteConnection({ name, module, sqlite, files, handle })
  try {
    for (const setting of SETTINGS) await connection.execute(setting)
    return connection
  } catch (error) {
    await connection.close().catch(() => {})
    throw error
  }
}

/** Emscripten by itself would never report a failure. */
const instantiate = (wasm: WebAssembly.Module): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const instantiateWasm = (imports: WebAssembly.Imports, receive: (made: WebAssembly.Instance) => void) => {
      WebAssembly.instantiate(wasm, imports).then(receive, reject)
      return {}
    }
    createModule({ instantiateWasm }).then(resolve, reject)
  })

/** For the end of a connection: replaces the callback that would resume SQLite. */
function closeFiles(files: IDBBatchAtomicVFS): Promise<void> {
  files.handleAsync = (work) => work()
  return files.close()
}

interface ConnectionDeps {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: Emscripten modules have no types
  readonly module: any
  readonly sqlite: SQLiteAPI
  readonly files: IDBBatchAtomicVFS
  readonly handle: number
}

class WaSqliteConnection implements Connection {
  readonly #deps: ConnectionDeps
  /** By SQL text, oldest first. */
  readonly #statements = new Map<string, number>()
  /** SQLite is suspended while it waits for IndexedDB, and must not be entered again meanwhile. */
  readonly #serial = createSerial()

  constructor(deps: ConnectionDeps) {
    this.#deps = deps
  }

  get isInTransaction(): boolean {
    const { sqlite, handle } = this.#deps
    return sqlite.get_autocommit(handle) === 0
  }

  execute<R extends Row>(sql: string, values: readonly Value[] = []): Promise<R[]> {
    return this.#serial(() => this.#execute<R>(sql, values))
  }

  purge(): Promise<void> {
    const { name, files } = this.#deps
    return this.#serial(() => files.purge(`/${name}`))
  }

  close(): Promise<void> {
    return this.#serial(() => this.#close())
  }

  async #execute<R extends Row>(sql: string, values: readonly Value[]): Promise<R[]> {
    const { sqlite, module } = this.#deps
    const statement = this.#statements.get(sql) ?? (await this.#prepare(sql))
    try {
      for (const [index, value] of values.entries()) this.#bind(statement, index + 1, value)
      const rows: SQLiteCompatibleType[][] = []
      while ((await sqlite.step(statement)) === SQLite.SQLITE_ROW) rows.push(sqlite.row(statement))
      const names = rows.length > 0 ? sqlite.column_names(statement) : []
      return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])) as R)
    } finally {
      await sqlite.reset(statement).catch(() => {}) // repeats the failure of the step
      module._sqlite3_clear_bindings(statement) // frees their memory
    }
  }

  async #close(): Promise<void> {
    const { sqlite, files, handle } = this.#deps
    try {
      for (const statement of this.#statements.values()) await sqlite.finalize(statement)
      await sqlite.close(handle)
    } finally {
      await closeFiles(files)
    }
  }

  async #prepare(sql: string): Promise<number> {
    const { sqlite, handle } = this.#deps
    await this.#finalizeOldest()
    const text = sqlite.str_new(handle, sql)
    try {
      const prepared = await sqlite.prepare_v2(handle, sqlite.str_value(text))
      this.#statements.set(sql, prepared!.stmt)
      return prepared!.stmt
    } finally {
      sqlite.str_finish(text)
    }
  }

  async #finalizeOldest(): Promise<void> {
    const [oldest] = this.#statements
    if (!oldest || this.#statements.size < MAX_STATEMENTS) return
    this.#statements.delete(oldest[0])
    await this.#deps.sqlite.finalize(oldest[1])
  }

  #bind(statement: number, index: number, value: Value): void {
    const { sqlite, module, handle } = this.#deps
    if (!(value instanceof Uint8Array) || value.length > 0) {
      sqlite.bind(statement, index, value)
    } else {
      // wa-sqlite would bind NULL, because allocating no bytes returns a null pointer.
      const types = ['number', 'number', 'number', 'number', 'number']
      module.ccall('sqlite3_bind_blob', 'number', types, [statement, index, handle, 0, 0])
    }
  }
}
