/** Repositories with where they are, what they take, and what can be done with each. */

import type { Order } from '../lists/order.ts'
import { SortHead } from '../lists/sorting.tsx'
import type { RepositoryEntry } from './entries.ts'
import { RepositoryRow } from './repository-row.tsx'

interface TableProps {
  readonly entries: readonly RepositoryEntry[]
  /** Whether anything can be elsewhere at all. */
  readonly hasRemotes: boolean
  /** Whether anything is here, which alone has dates. */
  readonly hasDates: boolean
  readonly order: Order
  readonly onOrder: (order: Order) => void
}

export function RepositoryTable({ entries, hasRemotes, hasDates, order, onOrder }: TableProps) {
  const largest = Math.max(0, ...entries.map(({ size }) => size))
  const sorting = { order, onOrder }
  return (
    <table class="table list repositories">
      <thead>
        <tr>
          <SortHead by="name" text="Repository" {...sorting} />
          {hasRemotes && <th scope="col">Where</th>}
          <th scope="col" class="number">
            Tags
          </th>
          {hasDates && <SortHead by="date" text="Changed" {...sorting} />}
          {hasDates && <SortHead by="used" text="Used" className="head-used" {...sorting} />}
          <SortHead by="size" text="Size" className="number" {...sorting} />
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {entries.map((entry) => (
          <RepositoryRow
            key={entry.name}
            entry={entry}
            hasRemotes={hasRemotes}
            hasDates={hasDates}
            largest={largest}
          />
        ))}
      </tbody>
    </table>
  )
}
