/** Images that no tag names any more. */
import { useMemo, useState } from 'preact/hooks'
import { type Order, sortedBy } from '../lists/order.ts'
import { MoreButton } from '../parts/more-button.tsx'
import { countText } from '../parts/texts.ts'
import type { ImageRow } from './rows.ts'
import { SelectionBar } from './selection-bar.tsx'
import { TagTable } from './tag-table.tsx'

const PAGE = 50

export function Untagged({ name, rows }: { name: string; rows: readonly ImageRow[] }) {
  const [order, setOrder] = useState<Order>({ by: 'date', isDescending: true })
  const [count, setCount] = useState(PAGE)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const sorted = useMemo(() => sortedBy(rows, order), [rows, order])
  return (
    <details class="section">
      <summary>
        <h2>{countText(rows.length, 'image')} without a tag</h2>
      </summary>
      <p class="quiet">
        Their tag was deleted, or was given to a newer image, or they were pulled by digest. They can still be
        used by their digest.
      </p>
      <div class="list-tools">
        <SelectionBar
          name={name}
          rows={sorted}
          selected={sorted.filter((row) => chosen.has(row.name))}
          onSelect={(rows) => setChosen(new Set(rows.map(({ name }) => name)))}
        />
      </div>
      <TagTable
        name={name}
        rows={sorted.slice(0, count)}
        hasRemotes={false}
        hasServer={false}
        order={order}
        onOrder={setOrder}
        chosen={chosen}
        onChosen={setChosen}
      />
      {count < sorted.length && (
        <MoreButton shown={count} total={sorted.length} onMore={() => setCount(count + PAGE)} />
      )}
    </details>
  )
}
