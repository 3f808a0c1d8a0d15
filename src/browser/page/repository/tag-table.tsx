/** Tags or untagged images as a table, which on narrow screens is a stack of cards. */
import type { Order } from '../lists/order.ts'
import { SortHead } from '../lists/sorting.tsx'
import type { ImageRow } from './rows.ts'
import { TagRow } from './tag-row.tsx'

interface TableProps {
  readonly name: string
  readonly rows: readonly ImageRow[]
  /** Whether anything can be elsewhere at all. */
  readonly hasRemotes: boolean
  readonly hasServer: boolean
  readonly order: Order
  readonly onOrder: (order: Order) => void
  readonly chosen: ReadonlySet<string>
  readonly onChosen: (chosen: ReadonlySet<string>) => void
}

export function TagTable({
  name,
  rows,
  hasRemotes,
  hasServer,
  order,
  onOrder,
  chosen,
  onChosen,
}: TableProps) {
  const sorting = { order, onOrder }
  const isTagged = rows[0]?.tag !== undefined
  const choose = (row: ImageRow, isChosen: boolean) => {
    const next = new Set(chosen)
    if (isChosen) next.add(row.name)
    else next.delete(row.name)
    onChosen(next)
  }
  return (
    <table class="table list tags">
      <thead>
        <tr>
          <th scope="col" class="cell-check">
            <span class="visually-hidden">Selected</span>
          </th>
          <SortHead by="name" text={isTagged ? 'Tag' : 'Image'} {...sorting} />
          {hasRemotes && isTagged && <th scope="col">Where</th>}
          <th scope="col">Digest</th>
          <th scope="col">Platforms</th>
          <SortHead by="date" text="Date" {...sorting} />
          <SortHead by="used" text="Used" className="head-used" {...sorting} />
          <SortHead by="size" text="Size" className="number" {...sorting} />
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <TagRow
            key={row.name}
            name={name}
            row={row}
            hasRemotes={hasRemotes && isTagged}
            hasServer={hasServer}
            isChosen={chosen.has(row.name)}
            onChoose={(isChosen) => choose(row, isChosen)}
          />
        ))}
      </tbody>
    </table>
  )
}
