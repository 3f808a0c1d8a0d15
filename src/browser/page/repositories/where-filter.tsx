/** Which remotes the list is of; only where there is more than one. */
import type { Remote } from '../lists/use-remotes.ts'
import type { RepositoryEntry, Where } from './entries.ts'
import { isAt } from './entries.ts'

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
