/** The order in which cached images and loose blobs go. */
import type { CachedBlob, CachedImage, Limits, Place } from '../catalog/eviction.ts'
import { type keepingQueries, PAGE } from '../catalog/eviction.ts'

type Lists = Pick<ReturnType<typeof keepingQueries>, 'images' | 'blobs'>

/** Those that may go, least recently used first. What changes meanwhile may be given as it was. */
export async function* leastRecent(lists: Lists, limits: Limits): AsyncGenerator<CachedImage | CachedBlob> {
  const images = those((last) => lists.images(last, limits))
  const blobs = those((last) => lists.blobs(last, limits))
  let [image, blob] = [await images.next(), await blobs.next()]
  while (!image.done || !blob.done) {
    if (blob.done || (!image.done && image.value.usedAt <= blob.value.usedAt)) {
      yield image.value as CachedImage
      image = await images.next()
    } else {
      yield blob.value
      blob = await blobs.next()
    }
  }
}

async function* those<T extends Place & { readonly mayGo: boolean }>(
  list: (last: Place) => Promise<T[]>,
): AsyncGenerator<T, undefined> {
  let last: Place = { usedAt: -1, id: 0 }
  for (;;) {
    const page = await list(last)
    yield* page.filter(({ mayGo }) => mayGo)
    if (page.length < PAGE) return
    last = page.at(-1)!
    await turn()
  }
}

/** Lets others have their turn: some databases answer without ever giving up theirs. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
