/** How the list of repositories was last looked at: who comes back from one finds it as it was. */
import { signal } from '@preact/signals'
import type { Order } from '../lists/order.ts'
import type { Where } from './entries.ts'

export interface Look {
  readonly text: string
  readonly where: Where
  readonly order: Order
  /** Rows that are drawn. */
  readonly count: number
}

export const PAGE = 100

export const look = signal<Look>({
  text: '',
  where: 'all',
  order: { by: 'name', isDescending: false },
  count: PAGE,
})

export const changeLook = (change: Partial<Look>): void => {
  look.value = { ...look.value, count: PAGE, ...change }
}
