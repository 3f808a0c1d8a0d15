/** Pages of sorted lists: `n`, `last` and the `Link` to what follows (RFC 8288). */
import { RegistryError } from '../oci/error.ts'

/** `n` as a client asks for it; `undefined` if it does not. @throws RegistryError PAGINATION_NUMBER_INVALID */
export function requestedPageSize(query: URLSearchParams): number | undefined {
  const n = query.get('n')
  if (n === null || n === '') return undefined
  if (/^\d{1,64}$/.test(n)) return Number(n)
  throw new RegistryError('PAGINATION_NUMBER_INVALID', undefined, { detail: { n: n.slice(0, 64) } })
}

export interface Page<T> {
  readonly entries: readonly T[]
  /** The last entry, where more follow. */
  readonly last: T | undefined
}

/** Asks for one entry more than a page holds, to know whether there is a next page. */
export async function page<T>(
  limit: number,
  list: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  if (limit === 0) return { entries: [], last: undefined }
  const found = await list(limit + 1)
  const entries = found.slice(0, limit)
  return { entries, last: found.length > limit ? entries.at(-1) : undefined }
}

/** Entries of a page whose entries are more than names, where the client does not say, and at most. */
const DEFAULT_ENTRIES = 100
const MAX_ENTRIES = 1000

export interface RequestedPage<T> extends Page<T> {
  /** Entries of a whole page. */
  readonly limit: number
}

/** A page of as many entries as the client asks for. @throws RegistryError PAGINATION_NUMBER_INVALID */
export async function requestedPage<T>(
  { query }: { readonly query: URLSearchParams },
  list: (limit: number) => Promise<readonly T[]>,
): Promise<RequestedPage<T>> {
  const limit = Math.min(requestedPageSize(query) ?? DEFAULT_ENTRIES, MAX_ENTRIES)
  return { limit, ...(await page(limit, list)) }
}

/** What a list needs to name its next page. */
export interface Listing {
  readonly query: URLSearchParams
  readonly locations: { next(parameters: Readonly<Record<string, string>>): string }
}

/** The header that leads to the next page, of the same namespace; none without one. */
export function nextLink(
  { locations, query }: Listing,
  parameters: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  if (!parameters) return {}
  const namespace = query.get('ns')
  const next = locations.next({ ...parameters, ...(namespace && { ns: namespace }) })
  return { Link: `<${next}>; rel="next"` }
}
