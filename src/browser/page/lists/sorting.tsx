/** How a list is sorted: by the heads of its columns, and by a menu where the columns are stacked. */
import { type By, type Order, turned } from './order.ts'

interface SortProps {
  readonly order: Order
  readonly onOrder: (order: Order) => void
}

interface HeadProps extends SortProps {
  readonly by: By
  readonly text: string
  readonly className?: string
}

export function SortHead({ by, text, order, onOrder, className = '' }: HeadProps) {
  const direction = order.isDescending ? 'descending' : 'ascending'
  const isSorted = order.by === by
  return (
    <th scope="col" class={className} aria-sort={isSorted ? direction : undefined}>
      <button type="button" class="sort" onClick={() => onOrder(turned(order, by))}>
        {text}
        <span class="sort-mark" aria-hidden="true">
          {isSorted ? (order.isDescending ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  )
}

const CHOICES: readonly (readonly [By, string, string])[] = [
  ['name', 'Name, A to Z', 'Name, Z to A'],
  ['date', 'Oldest', 'Newest'],
  ['size', 'Smallest', 'Largest'],
  ['used', 'Used longest ago', 'Used last'],
]

export function SortMenu({ order, onOrder }: SortProps) {
  const choose = (event: Event) => {
    const [by, direction] = (event.currentTarget as HTMLSelectElement).value.split(' ')
    onOrder({ by: by as By, isDescending: direction === 'down' })
  }
  return (
    <select
      class="sort-menu"
      aria-label="Sort by"
      value={`${order.by} ${order.isDescending ? 'down' : 'up'}`}
      onChange={choose}
    >
      {CHOICES.flatMap(([by, up, down]) => [
        <option key={`${by} up`} value={`${by} up`}>
          {up}
        </option>,
        <option key={`${by} down`} value={`${by} down`}>
          {down}
        </option>,
      ])}
    </select>
  )
}
