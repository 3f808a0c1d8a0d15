/** Addresses of pages of this registry that store images in browsers. Each address is a separate store in a browser. */
import type { Run } from './database.ts'

/** The least recently used are dropped first, because any page that is shown may add one. */
export const MAX_PAGE_ADDRESSES = 16

export const pageAddressQueries = (run: Run) => ({
  /** @param now - milliseconds since 1970 */
  async note(origin: string, now: number): Promise<void> {
    await run('INSERT OR REPLACE INTO page_addresses (origin, used_at) VALUES (?, ?)', origin, now)
    await run(
      `DELETE FROM page_addresses WHERE origin NOT IN (
         SELECT origin FROM page_addresses ORDER BY used_at DESC, origin LIMIT ?)`,
      MAX_PAGE_ADDRESSES,
    )
  },

  async forget(origin: string): Promise<void> {
    await run('DELETE FROM page_addresses WHERE origin = ?', origin)
  },

  /** Most recently used first. */
  async list(): Promise<string[]> {
    const rows = await run<{ origin: string }>(
      'SELECT origin FROM page_addresses ORDER BY used_at DESC, origin',
    )
    return rows.map((row) => row.origin)
  },
})
