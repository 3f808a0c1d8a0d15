/** Lets transactions share one commit: each in a savepoint of its own, so that one which fails takes no other along. */
import type { Run } from './database.ts'

export async function inSavepoint<T>(run: Run, work: (run: Run) => Promise<T>): Promise<T> {
  await run('SAVEPOINT job')
  try {
    const result = await work(run)
    await run('RELEASE job')
    return result
  } catch (error) {
    // Where the storage failed, SQLite has rolled back everything already.
    await run('ROLLBACK TO job').then(
      () => run('RELEASE job'),
      () => {},
    )
    throw error
  }
}
