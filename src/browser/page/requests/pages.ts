/** Lists that come page by page: each response names the next page in its `Link` header. */

export interface Page<T> {
  readonly entries: readonly T[]
  /** The path of the next page. */
  readonly next: string | undefined
}

/** The path of the next page of a list. @see https://www.rfc-editor.org/rfc/rfc8288 */
export const nextOf = (response: Response): string | undefined =>
  /<([^>]+)>;\s*rel="?next"?/.exec(response.headers.get('Link') ?? '')?.[1]

/**
 * All pages of a list, one after the other. A page that a peer names a second time ends it.
 *
 * @param read - reads the page at a path; the first page without a path
 */
export async function* eachPage<T>(
  read: (path: string | undefined) => Promise<Page<T>>,
): AsyncGenerator<Page<T>> {
  const seen = new Set<string>()
  for (let path: string | undefined; ; ) {
    const { entries, next } = await read(path)
    path = next !== undefined && seen.has(next) ? undefined : next
    yield { entries, next: path }
    if (path === undefined) return
    seen.add(path)
  }
}
