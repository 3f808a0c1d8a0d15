/** One blob: where it came from, and what serves it. */
import { RegistryError } from '../../oci/error.ts'
import type { RegistryResponse } from '../../registry/http.ts'
import { jsonResponse } from '../../registry/http.ts'
import type { OwnerContext } from '../context.ts'

/** Repositories that are named; a base layer may be in very many. */
const MOST_REPOSITORIES = 1000

export async function getBlobFacts({ digest, store }: OwnerContext): Promise<RegistryResponse> {
  const { holdings, origins, sharing } = store.catalog
  const blob = await holdings.blob(digest)
  if (!blob) throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
  return jsonResponse(200, {
    digest,
    size: blob.size,
    source: blob.cached ? 'peers' : 'pushed',
    origins: await origins.of(digest),
    repositories: await sharing.repositoriesOf(digest, { limit: MOST_REPOSITORIES }),
    ...(blob.usedAt > 0 && { lastUsed: blob.usedAt }),
  })
}
