/** The lists of tags and of untagged images, with search, order and selection. */
import { useMemo, useState } from 'preact/hooks'
import { MoreButton } from '../components/buttons.tsx'
import { matches, type Order, sortedBy } from '../components/order.ts'
import { SearchField } from '../components/search-field.tsx'
import { SortMenu } from '../components/table.tsx'
import { countText } from '../components/text.ts'
import type { ImageRow } from './rows.ts'
import { SelectionBar } from './selection-bar.tsx'
import { TagTable } from './tag-table.tsx'
import type { Repository } from './use-repository.ts'

const PAGE_ROWS = 100

export function TagList({ name, repository }: { name: string; repository: Repository }) {
  const { rows, remotes, isComplete } = repository
  const [text, setText] = useState('')
  const [order, setOrder] = useState<Order>({ by: 'date', isDescending: true })
  const [count, setCount] = useState(PAGE_ROWS)
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
    setCount(PAGE_ROWS)
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
        <MoreButton shown={count} total={found.length} onMore={() => setCount(count + PAGE_ROWS)} />
      )}
    </>
  )
}

const UNTAGGED_PAGE_ROWS = 50

export function Untagged({ name, rows }: { name: string; rows: readonly ImageRow[] }) {
  const [order, setOrder] = useState<Order>({ by: 'date', isDescending: true })
  const [count, setCount] = useState(UNTAGGED_PAGE_ROWS)
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
        <MoreButton shown={count} total={sorted.length} onMore={() => setCount(count + UNTAGGED_PAGE_ROWS)} />
      )}
    </details>
  )
}
