/** Names: what the catalog knows and cannot read from the blobs, for the backup. */
import type { Digest } from '../oci/digest.ts'
import type { Run } from './database.ts'
import type { PeerTag } from './tags.ts'

export interface NamedManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** It came from peers and was never pushed. */
  readonly cached: boolean
  readonly kept: boolean
  /** The peer that vouches for it as a referrer; `undefined` in older backups. */
  readonly voucher?: string | null
}

export interface NamedRepository {
  readonly name: string
  readonly manifests: readonly NamedManifest[]
  readonly tags: Readonly<Record<string, Digest>>
  /** Tags from peers; `undefined` in older backups. */
  readonly taken?: Readonly<Record<string, PeerTag>>
  /** Blobs that it serves and none of its manifests needs. */
  readonly blobs: readonly Digest[]
  /** Digests and tags that were deleted from it; `undefined` in older backups. */
  readonly deletions?: readonly string[]
}

export const nameQueries = (run: Run) => ({
  /** All repositories, each list in byte order. */
  async all(): Promise<NamedRepository[]> {
    return (await run<RepositoryRow>(REPOSITORIES)).map(
      ({ name, manifests, tags, taken, blobs, deletions }) => ({
        name,
        manifests: (JSON.parse(manifests) as ManifestRow[]).map(toManifest),
        tags: JSON.parse(tags),
        taken: JSON.parse(taken),
        blobs: JSON.parse(blobs),
        deletions: JSON.parse(deletions),
      }),
    )
  },
})

type RepositoryRow = Record<'name' | 'manifests' | 'tags' | 'taken' | 'blobs' | 'deletions', string>
type ManifestRow = { digest: Digest; mediaType: string; cached: number; kept: number; voucher: string | null }

const toManifest = ({ cached, kept, ...row }: ManifestRow): NamedManifest => ({
  ...row,
  cached: cached === 1,
  kept: kept === 1,
})

const MANIFESTS = `SELECT json_group_array(json_object(
    'digest', digest, 'mediaType', media_type, 'cached', cached, 'kept', kept, 'voucher', voucher))
  FROM (
    SELECT digest, media_type, manifests.cached, vouched_by AS voucher,
      EXISTS (SELECT 1 FROM kept WHERE manifest = manifests.id) AS kept
    FROM manifests JOIN blobs ON blobs.id = manifests.blob
    WHERE repository = home.id ORDER BY digest)`

const TAGS = `SELECT json_group_object(name, digest)
  FROM (
    SELECT tags.name, digest FROM tags
    JOIN manifests ON manifests.id = tags.manifest
    JOIN blobs ON blobs.id = manifests.blob
    WHERE tags.repository = home.id AND tags.peer IS NULL ORDER BY tags.name)`

/** Without `checked_at`, which changes with each pull. */
const TAKEN = `SELECT json_group_object(name, json_object('digest', digest, 'peer', peer, 'taggedAt', tagged_at))
  FROM (
    SELECT tags.name, digest, peer, tagged_at FROM tags
    JOIN manifests ON manifests.id = tags.manifest
    JOIN blobs ON blobs.id = manifests.blob
    WHERE tags.repository = home.id AND tags.peer IS NOT NULL ORDER BY tags.name)`

const BLOBS = `SELECT json_group_array(digest)
  FROM (
    SELECT digest FROM links JOIN blobs ON blobs.id = links.blob
    WHERE links.repository = home.id AND NOT EXISTS (
      SELECT 1 FROM needs JOIN manifests ON manifests.id = needs.manifest
      WHERE needs.digest = blobs.digest AND manifests.repository = home.id)
    ORDER BY digest)`

const DELETIONS = `SELECT json_group_array(reference)
  FROM (SELECT reference FROM deletions WHERE repository = home.id ORDER BY reference)`

const REPOSITORIES = `SELECT name, (${MANIFESTS}) AS manifests, (${TAGS}) AS tags, (${TAKEN}) AS taken,
    (${BLOBS}) AS blobs, (${DELETIONS}) AS deletions
  FROM repositories AS home ORDER BY name`
