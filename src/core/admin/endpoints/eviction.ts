/** What is kept whatever happens, and what is freed now. */
import type { Json } from '../../api/schemas.ts'

import { emptyResponse, jsonResponse, type RegistryResponse } from '../../http/message.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName } from '../../oci/name.ts'
import { pullManifest } from '../../registry/lookup.ts'
import type { AdminContext } from '../context.ts'

/** Overrides an earlier deletion, and pulls the image from peers if it is not here. */
export async function keepImage(context: AdminContext): Promise<RegistryResponse> {
  const { name, digest, store } = context
  if (await store.eviction.keep(name, digest)) return emptyResponse(204)
  await store.catalog.transaction((queries) => queries.deletions.endFor(name, digest))
  const isPulled = await pullManifest(context, name, digest)
  if (isPulled && (await store.eviction.keep(name, digest))) return emptyResponse(204)
  throw unknown(context)
}

export async function releaseImage(context: AdminContext): Promise<RegistryResponse> {
  const { name, digest, store } = context
  if (await store.eviction.release(name, digest)) return emptyResponse(204)
  throw unknown(context)
}

/** @throws RegistryError NAME_INVALID, SIZE_INVALID */
export async function evict({ query, store }: AdminContext): Promise<RegistryResponse> {
  const repository = query.get('repository') ?? undefined
  if (repository !== undefined) requireName(repository)
  const wanted = { repository, to: bytesIn(query.get('to')) }
  const isDry = query.has('dry') && query.get('dry') !== 'false'
  const freed = isDry ? await store.space.preview(wanted) : await store.space.free(wanted)
  const { orphans, uploads, downloads, images } = freed
  const evicted: Json<'Evicted'> = { freed: orphans + uploads + downloads + images, ...freed }
  return jsonResponse(200, evicted)
}

function bytesIn(text: string | null): number | undefined {
  if (text === null) return undefined
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new RegistryError('SIZE_INVALID', 'expected a number of bytes', { detail: text.slice(0, 64) })
}

const unknown = ({ name, digest }: AdminContext): RegistryError =>
  new RegistryError('MANIFEST_UNKNOWN', undefined, { detail: { name, reference: digest } })
