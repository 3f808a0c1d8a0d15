/** What has to stay, and what may go. */
import { RegistryError } from '../../oci/error.ts'
import { emptyResponse, jsonResponse, type RegistryResponse } from '../../registry/http.ts'
import { bringManifest } from '../../registry/pull.ts'
import type { OwnerContext } from '../context.ts'

/** The owner's word outweighs a deletion, and what is not here is brought. */
export async function keepImage(context: OwnerContext): Promise<RegistryResponse> {
  const { name, digest, store } = context
  if (await store.keeping.keep(name, digest)) return emptyResponse(204)
  await store.catalog.transaction((queries) => queries.deletions.endFor(name, digest))
  const isBrought = await bringManifest(context, name, digest)
  if (isBrought && (await store.keeping.keep(name, digest))) return emptyResponse(204)
  throw unknown(context)
}

export async function releaseImage(context: OwnerContext): Promise<RegistryResponse> {
  const { name, digest, store } = context
  if (await store.keeping.release(name, digest)) return emptyResponse(204)
  throw unknown(context)
}

export async function evict({ store }: OwnerContext): Promise<RegistryResponse> {
  const { budget } = store.keeping
  return jsonResponse(200, { freed: budget === null ? 0 : await store.keeping.evict({ to: budget }) })
}

const unknown = ({ name, digest }: OwnerContext): RegistryError =>
  new RegistryError('MANIFEST_UNKNOWN', undefined, { detail: { name, reference: digest } })
