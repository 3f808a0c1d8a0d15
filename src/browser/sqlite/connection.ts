/**
 * One connection of wa-sqlite to a database in IndexedDB, with its statements. It has its own copy of SQLite, so that
 * one that broke or hangs can be left behind.
 */
/// <reference path="./idb-batch-atomic-vfs.d.ts" />

import * as SQLite from 'wa-sqlite'
import createModule from 'wa-sqlite/dist/wa-sqlite-async.mjs'
import { IDBBatchAtomicVFS } from 'wa-sqlite/src/examples/IDBBatchAtomicVFS.js'
import { createSerial } from '../../core/async/serial.ts'
import type { Row, Value } from '../../core/catalog/database.ts'

/** Larger pages halve the time of a cold scan, which costs one read of IndexedDB a page, and nothing else changes. */
const SETTINGS = [
  'PRAGMA page_size = 8192',
  'PRAGMA cache_size = -8192',
  'PRAGMA locking_mode = NORMAL',
  'PRAGMA synchronous = FULL',
  'PRAGMA temp_store = MEMORY',
  'PRAGMA foreign_keys = ON',
]

/** More than there are in the catalog's code. */
const MAX_STATEMENTS = 256

export interface Connection {
  execute<R extends Row = Row>(sql: string, values?: readonly Value[]): Promise<R[]>
  /** SQLite itself ends a transaction where the storage fails. */
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
    await closeFiles(files).catch(() => {}) // what failed first says more
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

/** Emscripten would wait for ever where it fails. */
const instantiate = (wasm: WebAssembly.Module): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const instantiateWasm = (imports: WebAssembly.Imports, receive: (made: WebAssembly.Instance) => void) => {
      WebAssembly.instantiate(wasm, imports).then(receive, reject)
      return {}
    }
    createModule({ instantiateWasm }).then(resolve, reject)
  })

/** For good: SQLite is not to be woken when a file is closed. */
function closeFiles(files: IDBBatchAtomicVFS): Promise<void> {
  files.handleAsync = (work) => work()
  return files.close()
}

interface Parts {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: Emscripten's, which has no types
  readonly module: any
  readonly sqlite: SQLiteAPI
  readonly files: IDBBatchAtomicVFS
  readonly handle: number
}

class WaSqliteConnection implements Connection {
  readonly #parts: Parts
  /** By their texts, in the order in which they came. */
  readonly #statements = new Map<string, number>()
  /** The last call; never rejects. */
  /** While SQLite waits for IndexedDB it is suspended, and must not be entered again. */
  readonly #serial = createSerial()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get isInTransaction(): boolean {
    const { sqlite, handle } = this.#parts
    return sqlite.get_autocommit(handle) === 0
  }

  execute<R extends Row>(sql: string, values: readonly Value[] = []): Promise<R[]> {
    return this.#serial(() => this.#execute<R>(sql, values))
  }

  purge(): Promise<void> {
    const { name, files } = this.#parts
    return this.#serial(() => files.purge(`/${name}`))
  }

  close(): Promise<void> {
    return this.#serial(() => this.#close())
  }

  async #execute<R extends Row>(sql: string, values: readonly Value[]): Promise<R[]> {
    const { sqlite, module } = this.#parts
    const statement = this.#statements.get(sql) ?? (await this.#prepare(sql))
    try {
      for (const [index, value] of values.entries()) this.#bind(statement, index + 1, value)
      const rows: SQLiteCompatibleType[][] = []
      while ((await sqlite.step(statement)) === SQLite.SQLITE_ROW) rows.push(sqlite.row(statement))
      const names = rows.length > 0 ? sqlite.column_names(statement) : []
      return rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])) as R)
    } finally {
      await sqlite.reset(statement).catch(() => {}) // tells the failure of the step once more
      module._sqlite3_clear_bindings(statement) // frees their memory
    }
  }

  async #close(): Promise<void> {
    const { sqlite, files, handle } = this.#parts
    try {
      for (const statement of this.#statements.values()) await sqlite.finalize(statement)
      await sqlite.close(handle)
    } finally {
      await closeFiles(files)
    }
  }

  async #prepare(sql: string): Promise<number> {
    const { sqlite, handle } = this.#parts
    await this.#forgetOne()
    const text = sqlite.str_new(handle, sql)
    try {
      const prepared = await sqlite.prepare_v2(handle, sqlite.str_value(text))
      this.#statements.set(sql, prepared!.stmt)
      return prepared!.stmt
    } finally {
      sqlite.str_finish(text)
    }
  }

  async #forgetOne(): Promise<void> {
    const [oldest] = this.#statements
    if (!oldest || this.#statements.size < MAX_STATEMENTS) return
    this.#statements.delete(oldest[0])
    await this.#parts.sqlite.finalize(oldest[1])
  }

  #bind(statement: number, index: number, value: Value): void {
    const { sqlite, module, handle } = this.#parts
    if (!(value instanceof Uint8Array) || value.length > 0) {
      sqlite.bind(statement, index, value)
    } else {
      // wa-sqlite would make NULL of it, for nothing is what it gets when it asks for memory of no bytes.
      const types = ['number', 'number', 'number', 'number', 'number']
      module.ccall('sqlite3_bind_blob', 'number', types, [statement, index, handle, 0, 0])
    }
  }
}
