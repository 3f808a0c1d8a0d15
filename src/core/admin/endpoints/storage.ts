/** How much is stored, and how much of it each repository takes. */
import type { Json } from '../../api/schemas.ts'
import type { RegistryResponse } from '../../http/message.ts'
import { jsonResponse } from '../../http/message.ts'
import { nextLink, requestedPage } from '../../http/paging.ts'
import type { AdminContext } from '../context.ts'

export async function getStorage(context: AdminContext): Promise<RegistryResponse> {
  const { store, estimate, query } = context
  const after = query.get('last') ?? undefined
  const list = (limit: number) => store.catalog.inventory.repositories({ last: after, limit })
  const { entries, limit, last } = await requestedPage(context, list)
  // These figures take time, so they are on the first page alone. `last` asks for the list alone.
  const isFirst = after === undefined
  const platform = isFirst ? await platformOf(estimate) : undefined
  const storage: Json<'Storage'> = {
    ...((isFirst || limit === 0) && (await sumsOf(context))),
    ...(isFirst && { evictable: await store.space.evictable() }),
    budget: store.eviction.budget,
    repositories: entries,
    ...(platform && { platform }),
  }
  return jsonResponse(200, storage, nextLink(context, last && { last: last.name, n: String(limit) }))
}

async function platformOf(estimate: AdminContext['estimate']) {
  const { usage, quota } = (await estimate?.()) ?? {}
  return usage === undefined || quota === undefined ? undefined : { usage, quota }
}

async function sumsOf({ store }: AdminContext) {
  const { blobs } = await store.catalog.inventory.totals()
  return { bytes: await store.space.usage(), blobs }
}
