/**
 * The port to SQLite, and helpers for its implementations and users. The catalog's statements are the same text on every
 * platform. `test/contract/database.ts` holds every implementation to this.
 */

export type Value = string | number | null | Uint8Array
export type Row = Record<string, Value>

/** Runs one statement with its parameters bound. Returns the rows of a query, and none for a change. */
export type Run = <R extends Row = Row>(sql: string, ...values: Value[]) => Promise<R[]>

export interface Database {
  /** For reads, which see what is committed. Changes go through {@link transaction}. */
  readonly run: Run
  /**
   * Runs `work` while no other transaction runs, and commits its changes, or none of them if it throws. `work` awaits
   * nothing but the `run` that it is given.
   *
   * Resolves when the commit is durable. With `durable: false` it may resolve earlier: the commit then survives the death
   * of the process, but a power failure only together with the next durable one. Transactions of the same durability run
   * in the order of their calls; those that need not be durable may run first.
   */
  transaction<T>(work: (run: Run) => Promise<T>, options?: { readonly durable?: boolean }): Promise<T>
  close(): Promise<void>
}

/** Lets transactions share one commit: each runs in its own savepoint, so that its failure does not affect the others. */
export async function inSavepoint<T>(run: Run, work: (run: Run) => Promise<T>): Promise<T> {
  await run('SAVEPOINT job')
  try {
    const result = await work(run)
    await run('RELEASE job')
    return result
  } catch (error) {
    // If the storage failed, SQLite has already rolled back everything.
    await run('ROLLBACK TO job').then(
      () => run('RELEASE job'),
      () => {},
    )
    throw error
  }
}

/** Items that take a few milliseconds. */
const BATCH = 2000

/** Long lists are processed in batches, and other work runs in between: a manifest may need tens of thousands of blobs. */
export async function inBatches<T>(
  items: readonly T[],
  work: (batch: readonly T[]) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) {
    if (start > 0) await new Promise((resolve) => setTimeout(resolve))
    await work(items.slice(start, start + BATCH))
  }
}
