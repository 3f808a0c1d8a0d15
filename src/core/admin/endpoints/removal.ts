/** What the owner deletes, the space that it gives, and that a deletion is taken back. */

import { emptyResponse, jsonResponse, type RegistryResponse } from '../../http/message.ts'
import { requireDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName, requireReference, requireTag } from '../../oci/name.ts'
import type { Unwanted } from '../../store/removal.ts'
import type { AdminContext } from '../context.ts'

export async function measureRemoval(context: AdminContext): Promise<RegistryResponse> {
  return jsonResponse(200, await context.store.removal.measure(...unwantedIn(context)))
}

export async function removeImages(context: AdminContext): Promise<RegistryResponse> {
  return jsonResponse(200, { freed: await context.store.removal.remove(...unwantedIn(context)) })
}

/** Of a push that was given up: no deletion is remembered, and what an image needs by now stays. */
export async function discardBlobs({ query, store }: AdminContext): Promise<RegistryResponse> {
  const repository = requireName(query.get('repository') ?? '')
  const digests = query.getAll('digest').map(requireDigest)
  return jsonResponse(200, { freed: await store.removal.discard(repository, digests) })
}

/** The image may come from peers again; what is here is not touched. */
export async function forgetDeletion(context: AdminContext): Promise<RegistryResponse> {
  const { name, store } = context
  const { tag, digest } = requireReference(context.parameter('reference'))
  await store.catalog.transaction(({ deletions }) => deletions.endFor(name, tag ?? digest))
  return emptyResponse(204)
}

/** Nothing named is a mistake, not everything. */
function unwantedIn({ query }: AdminContext): [repository: string, unwanted: Unwanted] {
  const repository = requireName(query.get('repository') ?? '')
  if (query.has('all')) return [repository, 'all']
  const tags = query.getAll('tag').map(requireTag)
  const digests = query.getAll('digest').map(requireDigest)
  if (tags.length + digests.length > 0) return [repository, { tags, digests }]
  throw new RegistryError('UNSUPPORTED', 'say what: tag=, digest= or all', { status: 400 })
}
