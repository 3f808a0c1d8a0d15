/** What deleting tags, an image or a repository may mean: plans to choose from. */
import { countText, shortDigest } from '../components/text.ts'
import type { DeletionRequest } from '../requests/deletion.ts'
import { referenceText } from '../route.ts'

export interface SelectedImage {
  readonly digest: string
  /** `undefined` for an image without one. */
  readonly tag: string | undefined
  /** All tags of the image. */
  readonly tags: readonly string[]
}

export interface DeletionTarget {
  readonly repository: string
  /** `undefined` for the whole repository. */
  readonly images: readonly SelectedImage[] | undefined
  /** Whether peers have it too, where it is not deleted. */
  readonly isElsewhere: boolean
}

export interface DeletionPlan {
  readonly title: string
  /** What is deleted, in sentences. */
  readonly text: string
  readonly request: DeletionRequest
}

/** The most likely plan first. */
export function plansFor({ repository, images }: DeletionTarget): readonly DeletionPlan[] {
  const whole = { repository, tags: [], digests: [], isWhole: true }
  if (!images)
    return [{ title: '', text: 'All of its tags and images go from this browser.', request: whole }]
  const tags = images.flatMap(({ tag }) => tag ?? [])
  const withImages = imagePlan(repository, images, tags)
  if (tags.length === 0) return [withImages]
  const tagsOnly = tagPlan(repository, images, tags)
  const othersRemain = withImages.request.tags.length > 0 || othersOf(images, tags).length > 0
  return othersRemain ? [tagsOnly, withImages] : [withImages, tagsOnly]
}

const othersOf = (images: readonly SelectedImage[], tags: readonly string[]): string[] => [
  ...new Set(images.flatMap((image) => image.tags.filter((tag) => !tags.includes(tag)))),
]

function tagPlan(
  repository: string,
  images: readonly SelectedImage[],
  tags: readonly string[],
): DeletionPlan {
  const others = othersOf(images, tags)
  const isOne = tags.length === 1
  const untagged = images.filter(({ tag }) => tag === undefined).map(({ digest }) => digest)
  return {
    title: isOne ? 'Only the tag' : 'Only the tags',
    text:
      others.length > 0
        ? `${isOne ? 'The image stays' : 'Their images stay'}, also as ${listText(others)}.`
        : `${isOne ? 'The image stays' : 'Their images stay'}, without a tag.`,
    request: { repository, tags, digests: untagged, isWhole: false },
  }
}

/** Of several images, those with other tags stay; a single image is deleted with all its tags. */
function imagePlan(
  repository: string,
  images: readonly SelectedImage[],
  tags: readonly string[],
): DeletionPlan {
  const others = othersOf(images, tags)
  const isOne = images.length === 1
  const isDeletedToo = (image: SelectedImage) => isOne || image.tags.every((tag) => tags.includes(tag))
  const deleted = images.filter(isDeletedToo)
  const remaining = images.filter((image) => !isDeletedToo(image))
  const digests = [...new Set(deleted.map(({ digest }) => digest))]
  return {
    title: isOne ? 'The tag and its image' : 'The tags and their images',
    text: [
      isOne
        ? `The image goes from this browser, with its platforms and signatures${others.length > 0 ? `. So do its other tags: ${listText(others)}` : ''}.`
        : `${countText(digests.length, 'image goes', 'images go')} from this browser.`,
      ...(remaining.length > 0
        ? [`Images that have other tags stay as ${listText(othersOf(remaining, tags))}.`]
        : []),
    ].join(' '),
    request: { repository, tags: remaining.flatMap(({ tag }) => tag ?? []), digests, isWhole: false },
  }
}

const MAX_NAMED = 5

const listText = (names: readonly string[]): string =>
  names.length > MAX_NAMED
    ? `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`
    : names.join(', ')

/** What is deleted, in the user's terms. */
export function titleOf({ repository, images }: DeletionTarget): string {
  if (!images) return repository
  const [first] = images
  if (images.length === 1 && first)
    return first.tag ? referenceText(repository, first.tag) : `${repository}@${shortDigest(first.digest)}…`
  return `${nounOf(images)} of ${repository}`
}

export function textOf({ images }: DeletionTarget): string {
  if (!images) return 'Delete repository'
  return images.length > 1 ? `Delete ${nounOf(images)}` : 'Delete'
}

const nounOf = (images: readonly SelectedImage[]): string =>
  countText(images.length, images.every(({ tag }) => tag) ? 'tag' : 'image')
