/** Images as rows: one for each tag, then what has no tag. The order is theirs: newest first. */
import type { HeldImage } from '../requests/owner.ts'

export interface ImageRow {
  readonly image: HeldImage
  readonly tag: string | undefined
}

const byNumber = new Intl.Collator('en', { numeric: true })

export const rowsOf = (images: readonly HeldImage[]): { tagged: ImageRow[]; untagged: ImageRow[] } => ({
  tagged: images.flatMap((image) =>
    image.tags.toSorted((one, other) => byNumber.compare(other, one)).map((tag) => ({ image, tag })),
  ),
  untagged: images.filter(({ tags }) => tags.length === 0).map((image) => ({ image, tag: undefined })),
})
