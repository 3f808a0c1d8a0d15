/** Repositories: the names under which blobs and manifests are served. */
import type { Run } from './database.ts'

/** A page of a sorted list: at most `limit` entries after `last`. */
export interface Page {
  readonly last?: string | undefined
  readonly limit: number
}

export const repositoryQueries = (run: Run) => ({
  async exists(name: string): Promise<boolean> {
    return (await run('SELECT 1 FROM repositories WHERE name = ?', name)).length > 0
  },

  async add(name: string): Promise<void> {
    await run('INSERT INTO repositories (name) VALUES (?) ON CONFLICT DO NOTHING', name)
  },

  /** Those that hold a manifest, in byte order. */
  async list({ last = '', limit }: Page): Promise<string[]> {
    const rows = await run<{ name: string }>(
      `SELECT name FROM repositories
       WHERE name > ? AND listed = 1
       ORDER BY name LIMIT ?`,
      last,
      limit,
    )
    return rows.map((row) => row.name)
  },
})
