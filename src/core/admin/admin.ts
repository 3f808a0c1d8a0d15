/** The handlers of the admin API: what is stored, since when and where from, what is kept and what may be deleted. */
import type { ApiHandler, ApiHandlers } from '../api/api.ts'
import type { RegistryRequest, RegistryResponse } from '../http/message.ts'
import { RegistryError } from '../oci/error.ts'
import { AdminContext, type AdminServices } from './context.ts'
import { getBlobFacts } from './endpoints/blobs.ts'
import { evict, keepImage, releaseImage } from './endpoints/eviction.ts'
import { listImages } from './endpoints/images.ts'
import { listPeerRepositories, listPeerTags } from './endpoints/peers.ts'
import { discardBlobs, forgetDeletion, measureRemoval, removeImages } from './endpoints/removal.ts'
import { getStorage } from './endpoints/storage.ts'

export type AdminApi = ApiHandlers

type Endpoint = (context: AdminContext) => Promise<RegistryResponse>

export function createAdminApi(services: AdminServices): AdminApi {
  const isReadOnly = services.config.storage.maintenance.readonly.enabled

  const read =
    (endpoint: Endpoint): ApiHandler<RegistryRequest, RegistryResponse> =>
    (request, parameters) =>
      endpoint(new AdminContext(services, request, parameters))

  const change = (endpoint: Endpoint): ApiHandler<RegistryRequest, RegistryResponse> =>
    isReadOnly ? refuseChange : read(endpoint)

  return {
    storage: { GET: read(getStorage) },
    images: { GET: read(listImages), DELETE: change(removeImages) },
    removal: { GET: read(measureRemoval) },
    deletions: { DELETE: change(forgetDeletion) },
    blobs: { DELETE: change(discardBlobs) },
    blob: { GET: read(getBlobFacts) },
    kept: { PUT: change(keepImage), DELETE: change(releaseImage) },
    evict: { POST: change(evict) },
    peerRepositories: { GET: read(listPeerRepositories) },
    peerTags: { GET: read(listPeerTags) },
  }
}

async function refuseChange(): Promise<never> {
  throw new RegistryError('UNSUPPORTED', 'this registry is read-only (storage.maintenance.readonly)')
}
