/** The list with its search, its remotes and its order, a hundred rows at a time. */
import { useMemo } from 'preact/hooks'
import { matches, sortedBy } from '../lists/order.ts'
import { SearchField } from '../lists/search-field.tsx'
import { SortMenu } from '../lists/sorting.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { countText } from '../parts/texts.ts'
import { isAt } from './entries.ts'
import { changeLook, look, PAGE } from './list-state.ts'
import { RepositoryTable } from './repository-table.tsx'
import type { Catalog } from './use-catalog.ts'
import { WhereFilter } from './where-filter.tsx'

export function RepositoryList({ catalog: { entries, remotes } }: { catalog: Catalog }) {
  const { text, where: wanted, order, count } = look.value
  const hasHere = entries.some(({ here }) => here)
  const hasRemotes = remotes.length > 1 || (remotes.length > 0 && hasHere)
  const where = hasRemotes ? wanted : 'all'
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
        <SearchField what="repositories" text={text} onText={(text) => changeLook({ text })} />
        {hasRemotes && (
          <WhereFilter
            entries={found}
            remotes={remotes}
            where={where}
            onWhere={(where) => changeLook({ where })}
          />
        )}
        <SortMenu order={order} onOrder={(order) => changeLook({ order })} />
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
          onOrder={(order) => changeLook({ order })}
        />
      )}
      {shown.length > count && (
        <MoreButton shown={count} total={shown.length} onMore={() => changeLook({ count: count + PAGE })} />
      )}
    </>
  )
}
