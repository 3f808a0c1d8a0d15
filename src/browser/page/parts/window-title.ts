/** The title of the window: what the view is, and before it how far the transfers are. */
import { effect, signal } from '@preact/signals'

export const viewTitle = signal(document.title)

/** Such as `45 %`. */
export const titlePrefix = signal<string | undefined>(undefined)

effect(() => {
  document.title = titlePrefix.value ? `${titlePrefix.value} – ${viewTitle.value}` : viewTitle.value
})
