/** What peers have, as they say now. Nothing of it is stored here. */
import type { Json } from '../../api/schemas.ts'

import { jsonResponse, type RegistryResponse } from '../../http/message.ts'
import { nextLink, requestedPageSize } from '../../http/paging.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName } from '../../oci/name.ts'
import type { AdminContext, PeerLists, PeerPage } from '../context.ts'

const DEFAULT_ENTRIES = 100

/** As many as one request to a peer may return. */
const MAX_ENTRIES = 250

export async function listPeerRepositories(context: AdminContext): Promise<RegistryResponse> {
  const lists = await requireLists(context)
  const range = rangeOf(context)
  const page = await lists.repositories(context.parameter('id'), range, context.request)
  const body: Json<'PeerRepositories'> = { repositories: page.entries }
  return jsonResponse(200, body, linkTo(context, page, range))
}

export async function listPeerTags(context: AdminContext): Promise<RegistryResponse> {
  const name = requireName(context.query.get('repository') ?? '')
  const lists = await requireLists(context)
  const range = rangeOf(context)
  const page = await lists.tags(context.parameter('id'), name, range, context.request)
  const body: Json<'PeerTags'> = { name, tags: page.entries }
  return jsonResponse(200, body, linkTo(context, page, range, { repository: name }))
}

async function requireLists({ peerLists }: AdminContext): Promise<PeerLists> {
  const lists = await peerLists?.()
  if (lists) return lists
  throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm, or not yet', {
    detail: { reason: 'alone' },
  })
}

/** At least 1, because an empty page has no last entry to continue from. */
function rangeOf({ query }: AdminContext) {
  const limit = Math.max(1, Math.min(requestedPageSize(query) ?? DEFAULT_ENTRIES, MAX_ENTRIES))
  const last = query.get('last')
  return { limit, ...(last && { last: last.slice(0, 255) }) }
}

function linkTo(
  context: AdminContext,
  { entries, more }: PeerPage<{ readonly name: string }>,
  { limit }: { readonly limit: number },
  parameters: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const last = more ? entries.at(-1)?.name : undefined
  return nextLink(context, last === undefined ? undefined : { ...parameters, last, n: String(limit) })
}
