/** Deletions by the owner, the space that they free, and how one is forgotten. */

import type { Json } from '../../api/schemas.ts'
import { emptyResponse, jsonResponse, type RegistryResponse } from '../../http/message.ts'
import { requireDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName, requireReference, requireTag } from '../../oci/name.ts'
import type { RemovalTarget } from '../../store/removal.ts'
import type { AdminContext } from '../context.ts'

export async function measureRemoval(context: AdminContext): Promise<RegistryResponse> {
  const removal: Json<'Removal'> = await context.store.removal.measure(...unwantedIn(context))
  return jsonResponse(200, removal)
}

export async function removeImages(context: AdminContext): Promise<RegistryResponse> {
  const removed: Json<'Removed'> = { freed: await context.store.removal.remove(...unwantedIn(context)) }
  return jsonResponse(200, removed)
}

/** After an abandoned push. The deletion is not remembered, and what an image needs by now stays. */
export async function discardBlobs({ query, store }: AdminContext): Promise<RegistryResponse> {
  const repository = requireName(query.get('repository') ?? '')
  const digests = query.getAll('digest').map(requireDigest)
  const removed: Json<'Removed'> = { freed: await store.removal.discard(repository, digests) }
  return jsonResponse(200, removed)
}

/** The image may come from peers again. What is stored is not touched. */
export async function forgetDeletion(context: AdminContext): Promise<RegistryResponse> {
  const { name, store } = context
  const { tag, digest } = requireReference(context.parameter('reference'))
  await store.catalog.transaction(({ deletions }) => deletions.endFor(name, tag ?? digest))
  return emptyResponse(204)
}

/** A request that names nothing is a mistake, and must not delete everything. */
function unwantedIn({ query }: AdminContext): [repository: string, unwanted: RemovalTarget] {
  const repository = requireName(query.get('repository') ?? '')
  if (query.has('all')) return [repository, 'all']
  const tags = query.getAll('tag').map(requireTag)
  const digests = query.getAll('digest').map(requireDigest)
  if (tags.length + digests.length > 0) return [repository, { tags, digests }]
  throw new RegistryError('UNSUPPORTED', 'name what to delete: tag=, digest= or all', { status: 400 })
}
