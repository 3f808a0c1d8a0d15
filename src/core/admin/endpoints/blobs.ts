/** One blob: where it came from, and what serves it. */

import type { RegistryResponse } from '../../http/message.ts'
import { jsonResponse } from '../../http/message.ts'
import { RegistryError } from '../../oci/error.ts'
import type { AdminContext } from '../context.ts'

/** Repositories that are named; a base layer may be in very many. */
const MAX_REPOSITORIES = 1000

export async function getBlobFacts({ digest, store }: AdminContext): Promise<RegistryResponse> {
  const { holdings, origins, sharing } = store.catalog
  const blob = await holdings.blob(digest)
  if (!blob) throw new RegistryError('BLOB_UNKNOWN', undefined, { detail: digest })
  return jsonResponse(200, {
    digest,
    size: blob.size,
    source: blob.cached ? 'peers' : 'pushed',
    origins: await origins.of(digest),
    repositories: await sharing.repositoriesOf(digest, { limit: MAX_REPOSITORIES }),
    ...(blob.usedAt > 0 && { lastUsed: blob.usedAt }),
  })
}
