/**
 * Referrers: signatures, SBOMs and attestations of a manifest.
 *
 * Lists that older clients keep under a tag (`sha256-…`) need no import: everything in such a list was pushed here with
 * its subject, and is found by that.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-referrers
 */

import { jsonTextResponse } from '../../http/message.ts'
import { nextLink } from '../../http/paging.ts'
import { OCI_INDEX } from '../../oci/media-type.ts'
import type { Context, Endpoint } from '../context.ts'

/** Clients read a page as a manifest, and many accept no more than 4 MiB. */
const PAGE_BYTES = 3 * 1024 * 1024

export const listReferrers: Endpoint = async (context) => {
  const { digest, query, store } = context
  const { repository, headers } = await context.resolveRepository()
  const last = query.get('last')
  if (last === null) await pullReferrers(context, repository)
  const artifactType = query.get('artifactType') || undefined
  const page = { artifactType, after: rowOf(last), maxBytes: PAGE_BYTES }
  const { descriptors, next } = await store.catalog.manifests.referrers(repository, digest, page)
  const following =
    next === undefined ? undefined : { last: String(next), ...(artifactType && { artifactType }) }
  return jsonTextResponse(200, indexOf(descriptors), {
    ...headers,
    'Content-Type': OCI_INDEX,
    ...(artifactType && { 'OCI-Filters-Applied': 'artifactType' }),
    ...nextLink(context, following),
  })
}

/** Referrers at trusted peers are added to those that were pushed; peers are asked for them with the first page. */
async function pullReferrers(context: Context, repository: string): Promise<void> {
  if (context.isPreview) return
  const { remote, digest, request } = context
  await remote?.referrers(repository, digest, { signal: request.signal })
}

/** Where the previous page ended, as its link says. Anything but a number starts at the beginning. */
const rowOf = (last: string | null): number => (/^\d{1,15}$/.test(last ?? '') ? Number(last) : 0)

const indexOf = (descriptors: readonly string[]): string =>
  `{"schemaVersion":2,"mediaType":"${OCI_INDEX}","manifests":[${descriptors.join(',')}]}`
