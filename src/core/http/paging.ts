/** Pages of sorted lists: `n`, `last` and the `Link` to the next page (RFC 8288). */
import { RegistryError } from '../oci/error.ts'

/** The requested page size `n`; `undefined` if there is none. @throws RegistryError PAGINATION_NUMBER_INVALID */
export function requestedPageSize(query: URLSearchParams): number | undefined {
  const n = query.get('n')
  if (n === null || n === '') return undefined
  if (/^\d{1,64}$/.test(n)) return Number(n)
  throw new RegistryError('PAGINATION_NUMBER_INVALID', undefined, { detail: { n: n.slice(0, 64) } })
}

export interface Page<T> {
  readonly entries: readonly T[]
  /** The last entry, if more follow. */
  readonly last: T | undefined
}

/** Lists one entry more than a page holds, to know whether there is a next page. */
export async function page<T>(
  limit: number,
  list: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  if (limit === 0) return { entries: [], last: undefined }
  const found = await list(limit + 1)
  const entries = found.slice(0, limit)
  return { entries, last: found.length > limit ? entries.at(-1) : undefined }
}

/** Of a page whose entries are more than names. */
const DEFAULT_ENTRIES = 100
const MAX_ENTRIES = 1000

export interface RequestedPage<T> extends Page<T> {
  /** Entries of a full page. */
  readonly limit: number
}

/** A page of as many entries as the client requests. @throws RegistryError PAGINATION_NUMBER_INVALID */
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

/** The header `Link` to the next page, with the same `ns`; empty if there is none. */
export function nextLink(
  { locations, query }: Listing,
  parameters: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  if (!parameters) return {}
  const namespace = query.get('ns')
  const next = locations.next({ ...parameters, ...(namespace && { ns: namespace }) })
  return { Link: `<${next}>; rel="next"` }
}
