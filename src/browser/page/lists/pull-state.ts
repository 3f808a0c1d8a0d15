/** What the user is asked about before it is pulled; a single image of one platform needs no question. */
import { signal } from '@preact/signals'
import { isIndexType } from '../../../core/oci/media-type.ts'
import type { PullWish } from './pull-dialog.tsx'

export const pullWish = signal<PullWish | undefined>(undefined)

export const wishToPull = async (wish: PullWish): Promise<void> => {
  const [first, ...others] = wish.tags ?? []
  // With one platform and a tag that is taken there is nothing to ask.
  if (!first?.remote.isTrusted || others.length > 0 || isIndexType(first.tag.mediaType)) {
    pullWish.value = wish
    return
  }
  const { pullTag } = await import('./pull.ts')
  const { name: tag, digest } = first.tag
  await pullTag({ repository: wish.repository, tag, digest, isTrusted: true })
}

export const endPullWish = (): void => {
  pullWish.value = undefined
}
