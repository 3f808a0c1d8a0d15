/** What the user is asked about before it is pulled; a single image of one platform needs no question. */
import { signal } from '@preact/signals'
import { isIndexType } from '../../../core/oci/media-type.ts'
import type { PullWish } from './pull-dialog.tsx'

export const pullWish = signal<PullWish | undefined>(undefined)

export const wishToPull = async (wish: PullWish): Promise<void> => {
  const [tag, ...others] = wish.tags ?? []
  if (!tag || others.length > 0 || isIndexType(tag.mediaType)) {
    pullWish.value = wish
    return
  }
  const { pullTag } = await import('./pull.ts')
  await pullTag({ repository: wish.repository, tag: tag.name, digest: tag.digest })
}

export const endPullWish = (): void => {
  pullWish.value = undefined
}
