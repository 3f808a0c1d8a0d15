/** The list of repositories with search, location filter and order. */

import { signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { MoreButton } from '../components/buttons.tsx'
import { matches, type Order, sortedBy } from '../components/order.ts'
import { SearchField } from '../components/search-field.tsx'
import { SortMenu } from '../components/table.tsx'
import { countText } from '../components/text.ts'
import type { Remote } from '../lists/remotes.ts'
import { RepositoryTable } from './repository-table.tsx'
import type { Catalog } from './use-catalog.ts'
import { isAt, type RepositoryEntry, type Where } from './use-catalog.ts'

export function RepositoryList({ catalog: { entries, remotes } }: { catalog: Catalog }) {
  const { text, where: chosenWhere, order, count } = listOptions.value
  const hasHere = entries.some(({ here }) => here)
  const hasRemotes = remotes.length > 1 || (remotes.length > 0 && hasHere)
  const where = hasRemotes ? chosenWhere : 'all'
  const found = useMemo(
    () =>
      sortedBy(
        entries.filter(({ name }) => matches(name, text)),
        order,
      ),
    [entries, text, order],
  )
  const shown = found.filter((entry) => isAt(entry, where))
  return (
    <>
      <div class="list-tools">
        <SearchField what="repositories" text={text} onText={(text) => changeListOptions({ text })} />
        {hasRemotes && (
          <WhereFilter
            entries={found}
            remotes={remotes}
            where={where}
            onWhere={(where) => changeListOptions({ where })}
          />
        )}
        <SortMenu order={order} onOrder={(order) => changeListOptions({ order })} />
      </div>
      <p class={text ? 'quiet' : 'visually-hidden'} role="status">
        {countText(shown.length, 'repository', 'repositories')}
        {text && ` with “${text}”`}
      </p>
      {shown.length > 0 && (
        <RepositoryTable
          entries={shown.slice(0, count)}
          hasRemotes={hasRemotes}
          hasDates={hasHere}
          order={order}
          onOrder={(order) => changeListOptions({ order })}
        />
      )}
      {shown.length > count && (
        <MoreButton
          shown={count}
          total={shown.length}
          onMore={() => changeListOptions({ count: count + PAGE_ROWS })}
        />
      )}
    </>
  )
}

interface FilterProps {
  readonly entries: readonly RepositoryEntry[]
  readonly remotes: readonly Remote[]
  readonly where: Where
  readonly onWhere: (where: Where) => void
}

export function WhereFilter({ entries, remotes, where, onWhere }: FilterProps) {
  const choices: readonly (readonly [Where, string, boolean])[] = [
    ['all', 'All', true],
    ['here', 'This browser', true],
    ['server', 'Server', remotes.some(({ serves }) => serves)],
    ['peers', 'Other peers', remotes.some(({ serves }) => !serves)],
  ]
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Where</legend>
      {choices
        .filter(([, , isOffered]) => isOffered)
        .map(([choice, text]) => (
          <label key={choice}>
            <input type="radio" name="where" checked={where === choice} onChange={() => onWhere(choice)} />
            {text}{' '}
            <span class="numbers">
              {entries.filter((entry) => isAt(entry, choice)).length.toLocaleString('en')}
            </span>
          </label>
        ))}
    </fieldset>
  )
}

export interface ListOptions {
  readonly text: string
  readonly where: Where
  readonly order: Order
  /** Rows that are rendered. */
  readonly count: number
}

export const PAGE_ROWS = 100

export const listOptions = signal<ListOptions>({
  text: '',
  where: 'all',
  order: { by: 'name', isDescending: false },
  count: PAGE_ROWS,
})

export const changeListOptions = (change: Partial<ListOptions>): void => {
  listOptions.value = { ...listOptions.value, count: PAGE_ROWS, ...change }
}
