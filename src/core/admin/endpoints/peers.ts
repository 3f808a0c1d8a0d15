/** What peers have, as they tell it now: nothing of it is kept here. */

import { jsonResponse, type RegistryResponse } from '../../http/message.ts'
import { nextLink, requestedPageSize } from '../../http/paging.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName } from '../../oci/name.ts'
import type { AdminContext, PeerLists, PeerPage } from '../context.ts'

/** Entries of a page where the client does not say, and at most: what one question to a peer may take. */
const DEFAULT = 100
const MOST = 250

export async function listPeerRepositories(context: AdminContext): Promise<RegistryResponse> {
  const lists = await requireLists(context)
  const range = rangeOf(context)
  const page = await lists.repositories(context.parameter('id'), range, context.request)
  return jsonResponse(200, { repositories: page.entries }, linkTo(context, page, range))
}

export async function listPeerTags(context: AdminContext): Promise<RegistryResponse> {
  const name = requireName(context.query.get('repository') ?? '')
  const lists = await requireLists(context)
  const range = rangeOf(context)
  const page = await lists.tags(context.parameter('id'), name, range, context.request)
  return jsonResponse(200, { name, tags: page.entries }, linkTo(context, page, range, { repository: name }))
}

async function requireLists({ peerLists }: AdminContext): Promise<PeerLists> {
  const lists = await peerLists?.()
  if (lists) return lists
  throw new RegistryError('UNAVAILABLE', 'this registry is in no swarm, or not yet', {
    detail: { reason: 'alone' },
  })
}

/** A page of nothing would have no place to go on from. */
function rangeOf({ query }: AdminContext) {
  const limit = Math.max(1, Math.min(requestedPageSize(query) ?? DEFAULT, MOST))
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
