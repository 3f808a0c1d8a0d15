/**
 * A connection for as long as the database is open: one whose storage failed, or that hangs, is given up, and what comes
 * next gets another.
 */

import { TimeoutError, withTimeout } from '../../core/async/timeout.ts'
import type { Row, Value } from '../../core/catalog/database.ts'
import { type Connection, connect } from './connection.ts'
import { isBroken, isMalformed, sqliteError } from './sqlite-error.ts'

/** In milliseconds. */
const TIMEOUT = 15_000

export interface ConnectionOptions {
  /** wa-sqlite-async.wasm. Asked for at each connection. */
  readonly wasm: () => Promise<WebAssembly.Module>
  /** Told when what is stored turns out to be malformed. */
  readonly onMalformed?: (() => void) | undefined
  /** Milliseconds that one statement may take. */
  readonly timeout?: number
}

export class LastingConnection {
  readonly #name: string
  readonly #options: ConnectionOptions
  #current: Connection | undefined
  #isClosed = false

  constructor(name: string, options: ConnectionOptions) {
    this.#name = name
    this.#options = options
  }

  /** @throws RegistryError where the storage fails, SQLiteError */
  async execute<R extends Row>(sql: string, values: readonly Value[] = []): Promise<R[]> {
    try {
      this.#current ??= await this.#connect()
      return await this.#inTime(this.#current.execute<R>(sql, values))
    } catch (cause) {
      if (isBroken(cause) || cause instanceof TimeoutError) void this.#leave()
      if (isMalformed(cause)) this.#options.onMalformed?.()
      throw await sqliteError(cause)
    }
  }

  /** Gives a question: whether the transaction that has just begun goes on. SQLite may end one, or its connection. */
  watchTransaction(): () => boolean {
    const connection = this.#current
    return () => connection !== undefined && this.#current === connection && connection.isInTransaction
  }

  /** Deletes pages that commits have replaced. */
  async purge(): Promise<void> {
    await this.#inTime(this.#current?.purge() ?? Promise.resolve()).catch(() => this.#leave())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const connection = this.#current
    this.#current = undefined
    await connection?.close()
  }

  async #connect(): Promise<Connection> {
    if (this.#isClosed) throw new Error('the database is closed')
    const connecting = connect(this.#name, await this.#options.wasm())
    return this.#inTime(connecting).catch((error) => {
      connecting.then((late) => late.close()).catch(() => {})
      throw error
    })
  }

  /** It is closed when what it does has ended; until then it may hold the lock, and others wait. */
  #leave(): void {
    const connection = this.#current
    this.#current = undefined
    connection?.close().catch(() => {})
  }

  #inTime<T>(result: Promise<T>): Promise<T> {
    return withTimeout(result, this.#options.timeout ?? TIMEOUT)
  }
}
