/** What can be done with several tags at once. */
import { wishToPull } from '../lists/pull-state.ts'
import { Icon } from '../parts/icon.tsx'
import { countText } from '../parts/texts.ts'
import { wishToRemove } from '../removal/wish-state.ts'
import { type ImageRow, pullableOf } from './rows.ts'

interface BarProps {
  readonly name: string
  /** All that can be selected. */
  readonly rows: readonly ImageRow[]
  readonly selected: readonly ImageRow[]
  readonly onSelect: (rows: readonly ImageRow[]) => void
}

export function SelectionBar({ name, rows, selected, onSelect }: BarProps) {
  if (rows.length < 2) return null
  return (
    <div class="selection">
      <label class="check">
        <input
          type="checkbox"
          checked={selected.length === rows.length}
          indeterminate={selected.length > 0 && selected.length < rows.length}
          onChange={(event) => onSelect(event.currentTarget.checked ? rows : [])}
        />
        {selected.length === 0
          ? `Select all ${rows.length.toLocaleString('en')}`
          : `${selected.length.toLocaleString('en')} selected`}
      </label>
      <SelectionActions name={name} selected={selected} />
    </div>
  )
}

function SelectionActions({ name, selected }: Pick<BarProps, 'name' | 'selected'>) {
  const here = selected.flatMap(({ here, tag, on }) =>
    here ? [{ digest: here.digest, tag, tags: here.tags, isElsewhere: on.length > 0 }] : [],
  )
  const pullable = selected.flatMap((row) => pullableOf(row) ?? [])
  const isElsewhere = here.some(({ isElsewhere }) => isElsewhere)
  const pull = () => wishToPull({ repository: name, remote: pullable[0]!.remote, tags: pullable })
  return (
    <>
      {pullable.length > 0 && (
        <button type="button" class="button small" onClick={pull}>
          <Icon name="pull" /> Pull {countText(pullable.length, 'tag')}
        </button>
      )}
      {here.length > 0 && (
        <button
          type="button"
          class="button small danger"
          onClick={(event) => wishToRemove({ repository: name, images: here, isElsewhere }, event)}
        >
          <Icon name="delete" /> Delete {countText(here.length, 'tag')}…
        </button>
      )}
    </>
  )
}
