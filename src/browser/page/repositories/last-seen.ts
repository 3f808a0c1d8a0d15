/**
 * The repositories of this browser as they were last seen: drawn at once after the browser's start, while the registry
 * opens, which takes half a second (SQLite's WebAssembly is compiled anew each time). The registry's own answer replaces
 * it. Only where it is kept in `localStorage`, and as little of it as a first look shows.
 */
import type { List } from '../lists/use-lists.ts'
import type { RepositoryUse } from '../requests/owner.ts'

const KEY = 'flotilla.last-seen'

/** Entries: what is drawn before anybody asks for more. */
const MOST = 100

/** `undefined` where nothing has been seen yet, or nothing may be stored. */
export function recall(): List<RepositoryUse> | undefined {
  try {
    const { entries, isComplete } = JSON.parse(localStorage.getItem(KEY)!)
    return Array.isArray(entries) && entries.every(isUse)
      ? { entries, isComplete: isComplete === true }
      : undefined
  } catch {
    return undefined
  }
}

export function remember({ entries, isComplete }: List<RepositoryUse>): void {
  const seen = { entries: entries.slice(0, MOST), isComplete: isComplete && entries.length <= MOST }
  try {
    localStorage.setItem(KEY, JSON.stringify(seen))
  } catch {} // the storage is full or forbidden: the next start waits for the registry
}

/** An older page may have written it. */
const isUse = (entry: Partial<RepositoryUse>): boolean =>
  typeof entry.name === 'string' &&
  [entry.bytes, entry.shared, entry.orphans, entry.tags, entry.manifests].every(Number.isFinite)
