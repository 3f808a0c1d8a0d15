/** Small values by key: what Helia and libp2p store. They are in the same database, so that they are as durable. */
import type { Run } from './database.ts'

/** Rows read at a time. */
const PAGE = 100

/** A prefix followed by this sorts after every key with that prefix. */
const LAST = '\u{10FFFF}'

export const datastoreQueries = (run: Run) => ({
  async get(key: string): Promise<Uint8Array | undefined> {
    return (await run<{ value: Uint8Array }>('SELECT value FROM datastore WHERE key = ?', key))[0]?.value
  },

  async has(key: string): Promise<boolean> {
    return (await run('SELECT 1 FROM datastore WHERE key = ?', key)).length > 0
  },

  async put(key: string, value: Uint8Array): Promise<void> {
    await run('INSERT OR REPLACE INTO datastore (key, value) VALUES (?, ?)', key, value)
  },

  async delete(key: string): Promise<void> {
    await run('DELETE FROM datastore WHERE key = ?', key)
  },

  /** In the order of their keys. Whether changes made meanwhile are seen is not defined. */
  async *list(prefix: string): AsyncGenerator<{ readonly key: string; readonly value: Uint8Array }> {
    const sql = `SELECT key, value FROM datastore WHERE key > ? AND key < ? ORDER BY key LIMIT ${PAGE}`
    const [exact] = await run<{ value: Uint8Array }>('SELECT value FROM datastore WHERE key = ?', prefix)
    if (exact) yield { key: prefix, value: exact.value }
    let last = prefix
    for (;;) {
      const rows = await run<{ key: string; value: Uint8Array }>(sql, last, prefix + LAST)
      yield* rows
      if (rows.length < PAGE) return
      last = rows.at(-1)!.key
    }
  },
})
