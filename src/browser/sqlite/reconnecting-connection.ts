/**
 * A connection that lasts as long as the database is open. If its storage fails, or it hangs, it is abandoned and the
 * next statement gets a new one.
 */

import { TimeoutError, withTimeout } from '../../core/async/delay.ts'
import type { Row, Value } from '../../core/catalog/database.ts'
import { type Connection, connect } from './connection.ts'
import { isBroken, isMalformed, sqliteError } from './sqlite-error.ts'

const STATEMENT_TIMEOUT_MS = 15_000

export interface ConnectionOptions {
  /** Returns wa-sqlite-async.wasm. Called for each connection. */
  readonly wasm: () => Promise<WebAssembly.Module>
  /** Called when the stored database turns out to be malformed. */
  readonly onMalformed?: (() => void) | undefined
  /** Milliseconds that one statement may take. */
  readonly timeout?: number
}

export class ReconnectingConnection {
  readonly #name: string
  readonly #options: ConnectionOptions
  #current: Connection | undefined
  #isClosed = false

  constructor(name: string, options: ConnectionOptions) {
    this.#name = name
    this.#options = options
  }

  /** @throws RegistryError if the storage fails; SQLiteError */
  async execute<R extends Row>(sql: string, values: readonly Value[] = []): Promise<R[]> {
    try {
      this.#current ??= await this.#connect()
      return await this.#inTime(this.#current.execute<R>(sql, values))
    } catch (cause) {
      if (isBroken(cause) || cause instanceof TimeoutError) void this.#abandon()
      if (isMalformed(cause)) this.#options.onMalformed?.()
      throw await sqliteError(cause)
    }
  }

  /** Returns a function that tells whether the current transaction is still open, on the same connection. */
  watchTransaction(): () => boolean {
    const connection = this.#current
    return () => connection !== undefined && this.#current === connection && connection.isInTransaction
  }

  /** Deletes pages that commits have replaced. */
  async purge(): Promise<void> {
    await this.#inTime(this.#current?.purge() ?? Promise.resolve()).catch(() => this.#abandon())
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const connection = this.#current
    this.#current = undefined
    await connection?.close()
  }

  async #connect(): Promise<Connection> {
    if (this.#isClosed) throw new Error('the database has been closed')
    const connecting = connect(this.#name, await this.#options.wasm())
    return this.#inTime(connecting).catch((error) => {
      connecting.then((late) => late.close()).catch(() => {})
      throw error
    })
  }

  /** Closes the connection when its work has ended. Until then it may hold the lock, for which the next one waits. */
  #abandon(): void {
    const connection = this.#current
    this.#current = undefined
    connection?.close().catch(() => {})
  }

  #inTime<T>(result: Promise<T>): Promise<T> {
    return withTimeout(result, this.#options.timeout ?? STATEMENT_TIMEOUT_MS)
  }
}
