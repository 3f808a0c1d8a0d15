/** The images of a repository: each manifest, with its size and what is missing of it. */
import type { Json } from '../../api/schemas.ts'
import type { ImageEntry } from '../../catalog/inventory.ts'
import type { RegistryResponse } from '../../http/message.ts'
import { jsonResponse } from '../../http/message.ts'
import { nextLink, type RequestedPage, requestedPage } from '../../http/paging.ts'
import { type Digest, requireDigest } from '../../oci/digest.ts'
import { RegistryError } from '../../oci/error.ts'
import { requireName } from '../../oci/name.ts'
import type { AdminContext } from '../context.ts'

export async function listImages(context: AdminContext): Promise<RegistryResponse> {
  const { query, store } = context
  const repository = requireName(query.get('repository') ?? '')
  const digests = query.getAll('digest').map(requireDigest)
  const { entries, limit, last } = await entriesOf(context, repository, digests)
  if (entries.length === 0 && !(await store.catalog.repositories.exists(repository))) {
    throw new RegistryError('NAME_UNKNOWN', undefined, { detail: { name: repository } })
  }
  const next = last && { repository, last: String(last.id), n: String(limit) }
  const page: Json<'Images'> = { images: entries.map(toImage) }
  return jsonResponse(200, page, nextLink(context, next))
}

/** If digests are named, all of them are on one page. */
async function entriesOf(
  context: AdminContext,
  repository: string,
  digests: readonly Digest[],
): Promise<RequestedPage<ImageEntry>> {
  const { images } = context.store.catalog.inventory
  const limit = digests.length
  if (limit > 0) return { entries: await images(repository, { digests, limit }), limit, last: undefined }
  const last = numberIn(context.query.get('last'))
  return requestedPage(context, (limit) => images(repository, { last, limit }))
}

const toImage = (image: ImageEntry): Json<'Images'>['images'][number] => ({
  digest: image.digest,
  mediaType: image.mediaType,
  ...(image.artifactType !== null && { artifactType: image.artifactType }),
  ...(image.subject !== null && { subject: image.subject }),
  tags: image.tagged.map(({ name }) => name),
  tagged: image.tagged.map(({ name, at, peer, checkedAt }) => ({
    name,
    at,
    ...(peer && { peer, checkedAt }),
  })),
  ...(image.partOf.length > 0 && { partOf: image.partOf }),
  bytes: image.bytes,
  missing: image.missing,
  kept: image.kept,
  source: image.cached ? 'peers' : 'pushed',
  ...(image.pushedAt !== null && { pushedAt: image.pushedAt }),
  ...(image.usedAt > 0 && { lastUsed: image.usedAt }),
})

/** `undefined`, the start of the list, for anything that is not a number. */
const numberIn = (text: string | null): number | undefined =>
  text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined
