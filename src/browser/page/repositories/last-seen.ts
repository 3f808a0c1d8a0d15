/**
 * The repositories of this browser as they were last shown. They are rendered at once after the browser's start, while
 * the registry opens, which takes half a second (SQLite's WebAssembly is compiled each time), and then replaced by its
 * response. They are kept in `localStorage`, as many as the first view shows.
 */

import type { RepositoryUse } from '../requests/admin.ts'
import type { PagedList } from '../requests/use-paged-lists.ts'

const KEY = 'flotilla.last-seen'

const MAX_ENTRIES = 100

/** `undefined` if nothing has been stored yet, or nothing may be stored. */
export function recall(): PagedList<RepositoryUse> | undefined {
  try {
    const { entries, isComplete } = JSON.parse(localStorage.getItem(KEY)!)
    return Array.isArray(entries) && entries.every(isUse)
      ? { entries, isComplete: isComplete === true }
      : undefined
  } catch {
    return undefined
  }
}

export function remember({ entries, isComplete }: PagedList<RepositoryUse>): void {
  const seen = {
    entries: entries.slice(0, MAX_ENTRIES),
    isComplete: isComplete && entries.length <= MAX_ENTRIES,
  }
  try {
    localStorage.setItem(KEY, JSON.stringify(seen))
  } catch {} // storage is full or forbidden: the next start waits for the registry
}

/** The entry may have been written by an older version of the page. */
const isUse = (entry: Partial<RepositoryUse>): boolean =>
  typeof entry.name === 'string' &&
  [entry.bytes, entry.shared, entry.orphans, entry.tags, entry.manifests].every(Number.isFinite)
