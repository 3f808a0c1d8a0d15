/** What the user is asked about before it is deleted, and where the keyboard goes on afterwards. */
import { signal } from '@preact/signals'
import type { RemovalWish } from './plans.ts'

export const removalWish = signal<RemovalWish | undefined>(undefined)

let rows: readonly (Element | null)[] = []

/** @param event - of the control that asked: its row, or one beside it, takes the focus after the deletion */
export const wishToRemove = (wish: RemovalWish, event: Event): void => {
  const row = (event.currentTarget as Element).closest('tr')
  rows = row ? [row, row.nextElementSibling, row.previousElementSibling] : []
  removalWish.value = wish
}

export const endRemovalWish = (): void => {
  removalWish.value = undefined
}

/** Once the list has been drawn without what went. */
export async function focusNearby(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 50))
  const row = rows.find((row) => row?.isConnected)
  const link = row?.querySelector<HTMLElement>('.row-link') ?? document.querySelector<HTMLElement>('main h1')
  link?.focus()
}
