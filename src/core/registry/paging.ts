/** Pages of sorted lists: `n`, `last` and the `Link` to what follows (RFC 8288). */
import { RegistryError } from '../oci/error.ts'
import type { Context } from './context.ts'

/** `n` as a client asks for it; `undefined` if it does not. @throws RegistryError PAGINATION_NUMBER_INVALID */
export function requestedPageSize(query: URLSearchParams): number | undefined {
  const n = query.get('n')
  if (n === null || n === '') return undefined
  if (/^\d{1,64}$/.test(n)) return Number(n)
  throw new RegistryError('PAGINATION_NUMBER_INVALID', undefined, { detail: { n: n.slice(0, 64) } })
}

/** Asks for one entry more than a page holds, to know whether there is a next page. */
export async function page(
  limit: number,
  list: (limit: number) => Promise<string[]>,
): Promise<{ entries: string[]; last: string | undefined }> {
  if (limit === 0) return { entries: [], last: undefined }
  const entries = await list(limit + 1)
  if (entries.length <= limit) return { entries, last: undefined }
  return { entries: entries.slice(0, limit), last: entries[limit - 1] }
}

/** The header that leads to the next page, of the same namespace; none without one. */
export function nextLink(
  { locations, query }: Context,
  parameters: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  if (!parameters) return {}
  const namespace = query.get('ns')
  const next = locations.next({ ...parameters, ...(namespace && { ns: namespace }) })
  return { Link: `<${next}>; rel="next"` }
}
