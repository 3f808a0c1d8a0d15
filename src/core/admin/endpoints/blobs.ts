/** One blob: where it came from, and which repositories serve it. */
import type { Json } from '../../api/schemas.ts'

import type { RegistryResponse } from '../../http/message.ts'
import { jsonResponse } from '../../http/message.ts'
import { RegistryError } from '../../oci/error.ts'
import type { AdminContext } from '../context.ts'

/** Repositories in one response: a base layer can be in very many. */
const MAX_REPOSITORIES = 1000

export async function getBlobFacts({ digest, store }: AdminContext): Promise<RegistryResponse> {
  const { inventory: holdings, sources: origins, shareFacts: sharing } = store.catalog
  const blob = await holdings.blob(digest)
  if (!blob) throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
  const facts: Json<'Blob'> = {
    digest,
    size: blob.size,
    source: blob.cached ? 'peers' : 'pushed',
    origins: await origins.of(digest),
    repositories: await sharing.repositoriesOf(digest, { limit: MAX_REPOSITORIES }),
    ...(blob.usedAt > 0 && { lastUsed: blob.usedAt }),
  }
  return jsonResponse(200, facts)
}
