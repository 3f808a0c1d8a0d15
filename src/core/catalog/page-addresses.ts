/** Addresses under which pages of this registry keep images in browsers: to a browser, each is a store of its own. */
import type { Run } from './database.ts'

/** Those used longest ago give way: any page that is shown may tell of one. */
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

  /** The one used last comes first. */
  async list(): Promise<string[]> {
    const rows = await run<{ origin: string }>(
      'SELECT origin FROM page_addresses ORDER BY used_at DESC, origin',
    )
    return rows.map((row) => row.origin)
  },
})
