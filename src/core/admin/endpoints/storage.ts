/** What is held, in bytes. */
import type { RegistryResponse } from '../../http/message.ts'
import { jsonResponse } from '../../http/message.ts'
import { nextLink, requestedPage } from '../../http/paging.ts'
import type { AdminContext } from '../context.ts'

export async function getStorage(context: AdminContext): Promise<RegistryResponse> {
  const { store, estimate, query } = context
  const after = query.get('last') ?? undefined
  const list = (limit: number) => store.catalog.holdings.repositories({ last: after, limit })
  const { entries, limit, last } = await requestedPage(context, list)
  // What takes its time is on the first page, and left out where `last` says that only the list is wanted.
  const isFirst = after === undefined
  const platform = isFirst ? await estimate?.() : undefined
  const storage = {
    ...((isFirst || limit === 0) && (await sumsOf(context))),
    ...(isFirst && { evictable: await store.space.evictable() }),
    budget: store.keeping.budget,
    repositories: entries,
    ...(platform && { platform: { usage: platform.usage, quota: platform.quota } }),
  }
  return jsonResponse(200, storage, nextLink(context, last && { last: last.name, n: String(limit) }))
}

async function sumsOf({ store }: AdminContext) {
  const { blobs } = await store.catalog.holdings.totals()
  return { bytes: await store.space.uses(), blobs }
}
