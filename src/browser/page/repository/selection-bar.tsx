/** Actions for several tags at once. */

import { Icon } from '../components/icons.tsx'
import { countText } from '../components/text.ts'
import { openDeletionDialog, openPullDialog } from '../lists/list-dialogs.tsx'
import { type ImageRow, pullableOf } from './rows.ts'

interface BarProps {
  readonly name: string
  /** All rows that can be selected. */
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
  const pull = () => openPullDialog({ repository: name, remote: pullable[0]!.remote, tags: pullable })
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
          onClick={(event) => openDeletionDialog({ repository: name, images: here, isElsewhere }, event)}
        >
          <Icon name="delete" /> Delete {countText(here.length, 'tag')}…
        </button>
      )}
    </>
  )
}
