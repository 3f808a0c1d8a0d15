/** The rows of a repository: a tag each, wherever it is, then the images that have none. */
import type { Ordered } from '../lists/order.ts'
import type { List } from '../lists/use-lists.ts'
import type { Remote, TagAt } from '../lists/use-remotes.ts'
import type { HeldImage } from '../requests/owner.ts'
import type { PeerTag } from '../requests/peers.ts'
import { type Attachment, attachmentsOf, isAttachment } from './attachments.ts'

export interface ImageRow extends Ordered {
  /** Bytes here, else where it is. */
  readonly size: number
  /** `undefined` for an image without one; `name` is its digest then. */
  readonly tag: string | undefined
  readonly digest: string
  readonly mediaType: string
  readonly here: HeldImage | undefined
  /** The peer that calls it so; `undefined` for a tag of this browser's own. */
  readonly by: string | undefined
  readonly on: readonly TagAt[]
  /** What a peer has under this tag where that is another image: the one that was set last. */
  readonly other: TagAt | undefined
  /** Signatures and SBOMs of it that are here. */
  readonly attachments: readonly Attachment[]
}

export interface Rows {
  readonly tagged: readonly ImageRow[]
  readonly untagged: readonly ImageRow[]
}

export function rowsOf(
  images: readonly HeldImage[],
  remotes: readonly Remote[],
  lists: ReadonlyMap<string, List<PeerTag>>,
): Rows {
  const attached = attachmentsOf(images)
  const isRow = (image: HeldImage, tag?: string) => !isAttachment(image, tag, attached)
  const rows = new Map<string, { image?: HeldImage; on: TagAt[] }>()
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
  here: HeldImage | undefined,
  on: readonly TagAt[],
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

const latest = (on: readonly TagAt[]): TagAt | undefined =>
  on.toSorted((one, other) => (other.tag.at ?? 0) - (one.tag.at ?? 0))[0]

/** What elsewhere is called so was set after what is here; unknown times say nothing. */
export const isNewer = ({ other, date }: ImageRow): boolean =>
  other?.tag.at !== undefined && date !== undefined && other.tag.at > date

/** What a pull would bring: a tag that is not here, not whole, or another image elsewhere. */
export function pullableOf({ here, on, other }: ImageRow): TagAt | undefined {
  if (here && here.missing === 0) return other
  return other ?? on[0]
}
