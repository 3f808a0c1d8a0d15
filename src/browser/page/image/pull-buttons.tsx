/** Brings what of an image is not here. */
import { Icon } from '../parts/icon.tsx'
import { pullImage } from '../transfers/pull/pull-image.ts'
import type { Image, Platform } from './use-image.ts'

interface PullProps {
  readonly name: string
  readonly reference: string
  readonly image: Image
  /** Of an index: the one that is looked at. */
  readonly platform: Platform | undefined
}

export function PullButtons({ name, reference, image: { held }, platform }: PullProps) {
  if (held?.missing === 0) return null
  const pull = (reference: string) => pullImage({ name, reference, keep: false })
  return (
    <>
      {platform && platform.held?.missing !== 0 && (
        <button type="button" class="button primary" onClick={() => pull(platform.descriptor.digest)}>
          <Icon name="pull" /> Pull {platform.text}
        </button>
      )}
      <button type="button" class={platform ? 'button' : 'button primary'} onClick={() => pull(reference)}>
        <Icon name="pull" /> {platform ? 'Pull all platforms' : held ? 'Pull the rest' : 'Pull'}
      </button>
    </>
  )
}
