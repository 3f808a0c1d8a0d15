/** The rows of a repository: one for each tag, in this browser or at peers, and one for each untagged image. */
import type { Ordered } from '../components/order.ts'
import { artifactText } from '../components/text.ts'
import type { Remote, RemoteTag } from '../lists/remotes.ts'
import type { StoredImage } from '../requests/admin.ts'
import type { PeerTag } from '../requests/peers.ts'
import type { PagedList } from '../requests/use-paged-lists.ts'

export interface ImageRow extends Ordered {
  /** Bytes in this browser, otherwise at the peer. */
  readonly size: number
  /** `undefined` for an untagged image, whose `name` is its digest. */
  readonly tag: string | undefined
  readonly digest: string
  readonly mediaType: string
  readonly here: StoredImage | undefined
  /** The peer that the tag was pulled from; `undefined` if it was set in this browser. */
  readonly by: string | undefined
  readonly on: readonly RemoteTag[]
  /** The latest tag of a peer that has the same name and is a different image. */
  readonly other: RemoteTag | undefined
  /** Its signatures and SBOMs that are stored here. */
  readonly attachments: readonly Attachment[]
}

export interface Rows {
  readonly tagged: readonly ImageRow[]
  readonly untagged: readonly ImageRow[]
}

export function rowsOf(
  images: readonly StoredImage[],
  remotes: readonly Remote[],
  lists: ReadonlyMap<string, PagedList<PeerTag>>,
): Rows {
  const attached = attachmentsOf(images)
  const isRow = (image: StoredImage, tag?: string) => !isAttachment(image, tag, attached)
  const rows = new Map<string, { image?: StoredImage; on: RemoteTag[] }>()
  for (const image of images)
    for (const tag of image.tags) if (isRow(image, tag)) rows.set(tag, { image, on: [] })
  for (const remote of remotes)
    for (const tag of lists.get(remote.id)?.entries ?? []) {
      const row = rows.get(tag.name) ?? { on: [] }
      row.on.push({ remote, tag })
      rows.set(tag.name, row)
    }
  return {
    tagged: [...rows].map(([tag, { image, on }]) => rowOf(tag, image, on, attached)),
    untagged: images
      .filter((image) => image.tags.length === 0 && !image.partOf?.length && isRow(image))
      .map((image) => rowOf(undefined, image, [], attached)),
  }
}

function rowOf(
  tag: string | undefined,
  here: StoredImage | undefined,
  on: readonly RemoteTag[],
  attached: ReadonlyMap<string, readonly Attachment[]>,
): ImageRow {
  const digest = here?.digest ?? on[0]!.tag.digest
  const tagged = here?.tagged?.find(({ name }) => name === tag)
  return {
    name: tag ?? digest,
    tag,
    digest,
    mediaType: here?.mediaType ?? on[0]!.tag.mediaType,
    here,
    by: tagged?.peer,
    on,
    other: here && latest(on.filter(({ tag }) => tag.digest !== here.digest)),
    attachments: attached.get(digest) ?? [],
    size: here?.bytes ?? on[0]!.tag.bytes,
    date: here ? (tagged?.at ?? here.pushedAt) : latest(on)?.tag.at,
    used: here?.lastUsed,
  }
}

const latest = (on: readonly RemoteTag[]): RemoteTag | undefined =>
  on.toSorted((one, other) => (other.tag.at ?? 0) - (one.tag.at ?? 0))[0]

/** Whether a peer's tag of the same name was set later; `false` if a time is unknown. */
export const isNewer = ({ other, date }: ImageRow): boolean =>
  other?.tag.at !== undefined && date !== undefined && other.tag.at > date

/** What can be pulled: a missing or incomplete tag, or a different image under the same tag. */
export function pullableOf({ here, on, other }: ImageRow): RemoteTag | undefined {
  if (here && here.missing === 0) return other
  return other ?? on[0]
}

export interface Attachment {
  /** `Signature`, `SBOM` … */
  readonly text: string
  /** Its tag or digest in the repository. */
  readonly reference: string
}

/** @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
const BY_TAG = /^(?<algorithm>sha256|sha512)-(?<hex>[0-9a-f]{64,128})(?:\.(?<kind>sig|att|sbom))?$/

const KINDS: Readonly<Record<string, string>> = { sig: 'Signature', att: 'Attestation', sbom: 'SBOM' }

/** Signatures, SBOMs and attestations by the digest of their image and of the indexes that contain it. */
export function attachmentsOf(images: readonly StoredImage[]): ReadonlyMap<string, readonly Attachment[]> {
  const byDigest = new Map(images.map((image) => [image.digest, image]))
  const found = new Map<string, Attachment[]>()
  const attach = (subject: string, attachment: Attachment) => {
    const image = byDigest.get(subject)
    if (!image) return
    for (const digest of [subject, ...(image.partOf ?? [])])
      found.set(digest, [...(found.get(digest) ?? []), attachment])
  }
  for (const { digest, subject, artifactType, tags } of images) {
    if (subject) attach(subject, { text: artifactText(artifactType ?? ''), reference: digest })
    else
      for (const tag of tags) {
        const { algorithm, hex, kind } = BY_TAG.exec(tag)?.groups ?? {}
        if (hex) attach(`${algorithm}:${hex}`, { text: KINDS[kind ?? ''] ?? 'Referrers', reference: tag })
      }
  }
  return found
}

/** Whether it is shown with its image, and not as a row. */
export function isAttachment(
  { subject }: StoredImage,
  tag: string | undefined,
  attached: ReadonlyMap<string, readonly Attachment[]>,
): boolean {
  if (tag === undefined) return subject !== undefined && attached.has(subject)
  const { algorithm, hex } = BY_TAG.exec(tag)?.groups ?? {}
  return hex !== undefined && attached.has(`${algorithm}:${hex}`)
}
