/** A table of tags or untagged images, which becomes a stack of cards on narrow screens. */

import type { Order } from '../components/order.ts'
import { Table } from '../components/table.tsx'
import type { ImageRow } from './rows.ts'
import { TagRow } from './tag-row.tsx'

interface TableProps {
  readonly name: string
  readonly rows: readonly ImageRow[]
  /** Whether there are peers that list images. */
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
    <Table
      className="list tags"
      columns={[
        { text: 'Selected', className: 'cell-check', isHidden: true },
        { text: isTagged ? 'Tag' : 'Image', by: 'name' },
        hasRemotes && isTagged && { text: 'Where' },
        { text: 'Digest' },
        { text: 'Platforms' },
        { text: 'Date', by: 'date' },
        { text: 'Used', by: 'used', className: 'head-used' },
        { text: 'Size', by: 'size', className: 'number' },
        { text: 'Actions', isHidden: true },
      ]}
      {...sorting}
    >
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
    </Table>
  )
}
