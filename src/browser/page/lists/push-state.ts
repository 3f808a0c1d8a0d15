/** The tag of a list that the user wants to push elsewhere: what is asked about it is the image's own dialog. */
import { signal } from '@preact/signals'

interface PushWish {
  readonly name: string
  /** A tag or a digest. */
  readonly reference: string
}

export const pushWish = signal<PushWish | undefined>(undefined)

export const wishToPush = (wish: PushWish): void => {
  pushWish.value = wish
}

export const endPushWish = (): void => {
  pushWish.value = undefined
}
