/**
 * The port to SQLite: the catalog's statements are the same text on every platform.
 * `test/contract/database.ts` holds every implementation to this.
 */

export type Value = string | number | null | Uint8Array
export type Row = Record<string, Value>

/** Runs one statement with its `?` bound. Rows for a query, none for a change. */
export type Run = <R extends Row = Row>(sql: string, ...values: Value[]) => Promise<R[]>

export interface Database {
  /** Reads what is committed. Changes go through {@link transaction}. */
  readonly run: Run
  /**
   * Runs `work` alone, commits what it did, or nothing if it throws. `work` awaits only the `run` it is given.
   *
   * Resolves when the commit is durable. With `durable: false` it may come back before: the commit then
   * survives the death of the process, but power loss only together with the next durable one. Transactions of one
   * kind run in the order in which they are asked for; those that need not be durable may go first.
   */
  transaction<T>(work: (run: Run) => Promise<T>, options?: { readonly durable?: boolean }): Promise<T>
  close(): Promise<void>
}
