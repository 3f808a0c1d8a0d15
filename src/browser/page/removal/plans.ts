/** What a person may mean by deleting a tag, several of them, an image or a repository: each a plan to choose from. */
import { countText, shortDigest } from '../parts/texts.ts'
import type { Unwanted } from '../requests/removal.ts'
import { referenceText } from '../route.ts'

export interface Unneeded {
  readonly digest: string
  /** `undefined` for an image without one. */
  readonly tag: string | undefined
  /** All tags of the image. */
  readonly tags: readonly string[]
}

export interface RemovalWish {
  readonly repository: string
  /** Nothing means the whole repository. */
  readonly images: readonly Unneeded[] | undefined
  /** It stays at others, which is worth saying. */
  readonly isElsewhere: boolean
}

export interface Plan {
  readonly title: string
  /** Sentences. */
  readonly text: string
  readonly unwanted: Unwanted
}

/** The likely one first. */
export function plansFor({ repository, images }: RemovalWish): readonly Plan[] {
  const whole = { repository, tags: [], digests: [], isWhole: true }
  if (!images)
    return [{ title: '', text: 'All of its tags and images go from this browser.', unwanted: whole }]
  const tags = images.flatMap(({ tag }) => tag ?? [])
  const withImages = imagePlan(repository, images, tags)
  if (tags.length === 0) return [withImages]
  const tagsOnly = tagPlan(repository, images, tags)
  const stays = withImages.unwanted.tags.length > 0 || othersOf(images, tags).length > 0
  return stays ? [tagsOnly, withImages] : [withImages, tagsOnly]
}

const othersOf = (images: readonly Unneeded[], tags: readonly string[]): string[] => [
  ...new Set(images.flatMap((image) => image.tags.filter((tag) => !tags.includes(tag)))),
]

function tagPlan(repository: string, images: readonly Unneeded[], tags: readonly string[]): Plan {
  const others = othersOf(images, tags)
  const isOne = tags.length === 1
  const untagged = images.filter(({ tag }) => tag === undefined).map(({ digest }) => digest)
  return {
    title: isOne ? 'Only the tag' : 'Only the tags',
    text:
      others.length > 0
        ? `${isOne ? 'The image stays' : 'Their images stay'}, also as ${listText(others)}.`
        : `${isOne ? 'The image stays' : 'Their images stay'}, without a tag.`,
    unwanted: { repository, tags, digests: untagged, isWhole: false },
  }
}

/** Of several, an image that has further tags keeps them; of one, all of its tags go. */
function imagePlan(repository: string, images: readonly Unneeded[], tags: readonly string[]): Plan {
  const others = othersOf(images, tags)
  const isOne = images.length === 1
  const isGoing = (image: Unneeded) => isOne || image.tags.every((tag) => tags.includes(tag))
  const going = images.filter(isGoing)
  const left = images.filter((image) => !isGoing(image))
  const digests = [...new Set(going.map(({ digest }) => digest))]
  return {
    title: isOne ? 'The tag and its image' : 'The tags and their images',
    text: [
      isOne
        ? `The image goes from this browser, with its platforms and signatures${others.length > 0 ? `. So do its other tags: ${listText(others)}` : ''}.`
        : `${countText(digests.length, 'image goes', 'images go')} from this browser.`,
      ...(left.length > 0 ? [`Images that have other tags stay as ${listText(othersOf(left, tags))}.`] : []),
    ].join(' '),
    unwanted: { repository, tags: left.flatMap(({ tag }) => tag ?? []), digests, isWhole: false },
  }
}

/** Names enough to be understood. */
const MAX_NAMED = 5

const listText = (names: readonly string[]): string =>
  names.length > MAX_NAMED
    ? `${names.slice(0, MAX_NAMED).join(', ')} and ${names.length - MAX_NAMED} more`
    : names.join(', ')

/** What goes, as its user calls it. */
export function titleOf({ repository, images }: RemovalWish): string {
  if (!images) return repository
  const [first] = images
  if (images.length === 1 && first)
    return first.tag ? referenceText(repository, first.tag) : `${repository}@${shortDigest(first.digest)}…`
  return `${nounOf(images)} of ${repository}`
}

export function textOf({ images }: RemovalWish): string {
  if (!images) return 'Delete repository'
  return images.length > 1 ? `Delete ${nounOf(images)}` : 'Delete'
}

const nounOf = (images: readonly Unneeded[]): string =>
  countText(images.length, images.every(({ tag }) => tag) ? 'tag' : 'image')
