/**
 * Referrers: signatures, SBOMs and attestations of a manifest.
 *
 * Lists that older clients keep under a tag (`sha256-…`) need no importing: whatever such a list names was pushed
 * here with its subject, and is found by that.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */
import type { Descriptor } from '../../oci/descriptor.ts'
import { OCI_INDEX } from '../../oci/media-type.ts'
import type { Context, Endpoint } from '../context.ts'
import { jsonResponse } from '../http.ts'
import { nextLink } from '../paging.ts'

/** Clients read a page as a manifest, of which many take no more than 4 MiB. */
const PAGE_BYTES = 3 * 1024 * 1024

/** Annotations may fill a manifest, so few descriptors are in memory at once. */
const BATCH = 16

export const listReferrers: Endpoint = async (context) => {
  const { repository, headers } = await context.source()
  if (!context.query.has('last')) await bringReferrers(context, repository)
  const artifactType = context.query.get('artifactType') || undefined
  const { manifests, last } = await readPage(context, repository, artifactType)
  const next = last === undefined ? undefined : { last, ...(artifactType && { artifactType }) }
  return jsonResponse(
    200,
    { schemaVersion: 2, mediaType: OCI_INDEX, manifests },
    {
      ...headers,
      'Content-Type': OCI_INDEX,
      ...(artifactType && { 'OCI-Filters-Applied': 'artifactType' }),
      ...nextLink(context, next),
    },
  )
}

/** What peers list that are trusted joins what was pushed: they are asked with the first page. */
const bringReferrers = async ({ elsewhere, digest, request }: Context, repository: string): Promise<void> =>
  elsewhere?.referrers(repository, digest, { signal: request.signal })

async function readPage(
  { digest, query, store }: Context,
  repository: string,
  artifactType: string | undefined,
): Promise<{ manifests: Descriptor[]; last: string | undefined }> {
  const manifests: Descriptor[] = []
  let last = query.get('last') ?? undefined
  for (let bytes = 0; bytes < PAGE_BYTES; ) {
    const options = { artifactType, last, limit: BATCH }
    const batch = await store.catalog.manifests.referrers(repository, digest, options)
    for (const descriptor of batch) {
      bytes += JSON.stringify(descriptor).length
      if (bytes > PAGE_BYTES && manifests.length > 0) return { manifests, last }
      manifests.push(descriptor)
      last = descriptor.digest
    }
    if (batch.length < BATCH) return { manifests, last: undefined }
  }
  return { manifests, last }
}
