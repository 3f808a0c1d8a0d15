/** Pages of the owner's lists, whose entries are more than names. */
import { requestedPageSize } from '../registry/paging.ts'
import type { OwnerContext } from './context.ts'

/** Entries of a page where the client does not say, and at most: what one question to the catalog may take. */
const DEFAULT = 100
const MOST = 1000

export interface OwnerPage<T> {
  readonly entries: readonly T[]
  readonly limit: number
  /** The last entry, where more follow. */
  readonly last: T | undefined
}

/** Asks for one entry more than the page holds. @throws RegistryError PAGINATION_NUMBER_INVALID */
export async function pageOf<T>(
  { query }: OwnerContext,
  list: (limit: number) => Promise<readonly T[]>,
): Promise<OwnerPage<T>> {
  const limit = Math.min(requestedPageSize(query) ?? DEFAULT, MOST)
  if (limit === 0) return { entries: [], limit, last: undefined }
  const found = await list(limit + 1)
  const entries = found.slice(0, limit)
  return { entries, limit, last: found.length > limit ? entries.at(-1) : undefined }
}
