/** The tags with their search, order and selection, a hundred rows at a time. */
import { useMemo, useState } from 'preact/hooks'
import { matches, type Order, sortedBy } from '../lists/order.ts'
import { SearchField } from '../lists/search-field.tsx'
import { SortMenu } from '../lists/sorting.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { countText } from '../parts/texts.ts'
import { SelectionBar } from './selection-bar.tsx'
import { TagTable } from './tag-table.tsx'
import type { Repository } from './use-repository.ts'

const PAGE = 100

export function TagList({ name, repository }: { name: string; repository: Repository }) {
  const { rows, remotes, isComplete } = repository
  const [text, setText] = useState('')
  const [order, setOrder] = useState<Order>({ by: 'date', isDescending: true })
  const [count, setCount] = useState(PAGE)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const found = useMemo(
    () =>
      sortedBy(
        rows.tagged.filter(({ name }) => matches(name, text)),
        order,
      ),
    [rows, text, order],
  )
  const selected = found.filter((row) => chosen.has(row.name))
  const search = (text: string) => {
    setText(text)
    setCount(PAGE)
  }
  return (
    <>
      <div class="list-tools">
        <SearchField what="tags" text={text} onText={search} />
        <SortMenu order={order} onOrder={setOrder} />
        <SelectionBar
          name={name}
          rows={found}
          selected={selected}
          onSelect={(rows) => setChosen(new Set(rows.map(({ name }) => name)))}
        />
      </div>
      <p class={text ? 'quiet' : 'visually-hidden'} role="status">
        {found.length === 0 && !text ? 'No tags' : countText(found.length, 'tag')}
        {text && ` with “${text}”`}
        {!isComplete && ', and more are coming'}
      </p>
      {found.length > 0 && (
        <TagTable
          name={name}
          rows={found.slice(0, count)}
          hasRemotes={remotes.length > 0}
          hasServer={remotes.some(({ serves }) => serves)}
          order={order}
          onOrder={setOrder}
          chosen={chosen}
          onChosen={setChosen}
        />
      )}
      {found.length > count && (
        <MoreButton shown={count} total={found.length} onMore={() => setCount(count + PAGE)} />
      )}
    </>
  )
}
