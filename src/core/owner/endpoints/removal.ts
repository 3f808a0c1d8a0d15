/** What the owner deletes, the space that it gives, and that a deletion is taken back. */
import { requireDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName, requireReference, requireTag } from '../../oci/name.ts'
import { emptyResponse, jsonResponse, type RegistryResponse } from '../../registry/http.ts'
import type { Unwanted } from '../../store/removal.ts'
import type { OwnerContext } from '../context.ts'

export async function measureRemoval(context: OwnerContext): Promise<RegistryResponse> {
  return jsonResponse(200, await context.store.removal.measure(...unwantedIn(context)))
}

export async function removeImages(context: OwnerContext): Promise<RegistryResponse> {
  return jsonResponse(200, { freed: await context.store.removal.remove(...unwantedIn(context)) })
}

/** Of a push that was given up: no deletion is remembered, and what an image needs by now stays. */
export async function discardBlobs({ query, store }: OwnerContext): Promise<RegistryResponse> {
  const repository = requireName(query.get('repository') ?? '')
  const digests = query.getAll('digest').map(requireDigest)
  return jsonResponse(200, { freed: await store.removal.discard(repository, digests) })
}

/** The image may come from peers again; what is here is not touched. */
export async function forgetDeletion(context: OwnerContext): Promise<RegistryResponse> {
  const { name, store } = context
  const { tag, digest } = requireReference(context.parameter('reference'))
  await store.catalog.transaction(({ deletions }) => deletions.endFor(name, tag ?? digest))
  return emptyResponse(204)
}

/** Nothing named is a mistake, not everything. */
function unwantedIn({ query }: OwnerContext): [repository: string, unwanted: Unwanted] {
  const repository = requireName(query.get('repository') ?? '')
  if (query.has('all')) return [repository, 'all']
  const tags = query.getAll('tag').map(requireTag)
  const digests = query.getAll('digest').map(requireDigest)
  if (tags.length + digests.length > 0) return [repository, { tags, digests }]
  throw new RegistryError('UNSUPPORTED', 'say what: tag=, digest= or all', { status: 400 })
}
