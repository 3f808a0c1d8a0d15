/**
 * Tables and how they are sorted: by the heads of their columns, or by a menu on narrow screens, where the columns of
 * some are stacked as cards. A row is a component of its table, because rows have a state and class names for the cards.
 */
import type { ComponentChildren } from 'preact'
import { type By, type Order, turned } from './order.ts'

interface SortProps {
  readonly order: Order
  readonly onOrder: (order: Order) => void
}

export interface Column {
  readonly text: string
  readonly className?: string
  /** The table can be sorted by this column. */
  readonly by?: By
  /** Whether the text is only for screen readers. */
  readonly isHidden?: boolean
}

interface TableProps extends Partial<SortProps> {
  readonly className?: string
  /** `false` omits a column. */
  readonly columns: readonly (Column | false)[]
  /** Whether the heads are only for screen readers. */
  readonly isHeadHidden?: boolean
  /** One `tbody` or several. */
  readonly children: ComponentChildren
}

export const Table = ({ className, columns, isHeadHidden, children, ...sorting }: TableProps) => (
  <table class={className ? `table ${className}` : 'table'}>
    <thead class={isHeadHidden ? 'visually-hidden' : undefined}>
      <tr>{columns.map((column, index) => column && <Head key={index} column={column} {...sorting} />)}</tr>
    </thead>
    {children}
  </table>
)

function Head({ column, order, onOrder }: { column: Column } & Partial<SortProps>) {
  const { text, className, by, isHidden } = column
  if (!by || !order || !onOrder)
    return (
      <th scope="col" class={className}>
        {isHidden ? <span class="visually-hidden">{text}</span> : text}
      </th>
    )
  const isSorted = order.by === by
  const direction = order.isDescending ? 'descending' : 'ascending'
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
