/** One repository of the list. */

import { PlaceBadges } from '../lists/place-badges.tsx'
import { wishToPull } from '../lists/pull-state.ts'
import { Icon } from '../parts/icon.tsx'
import { Moment } from '../parts/moment.tsx'
import { ShareBar } from '../parts/share-bar.tsx'
import { sizeText } from '../parts/sizes.ts'
import { wishToRemove } from '../removal/wish-state.ts'
import { repositoryPath } from '../route.ts'
import type { RepositoryEntry } from './entries.ts'

interface RowProps {
  readonly entry: RepositoryEntry
  readonly hasRemotes: boolean
  readonly hasDates: boolean
  readonly largest: number
}

export const RepositoryRow = ({ entry, hasRemotes, hasDates, largest }: RowProps) => (
  <tr>
    <th scope="row" class="cell-name">
      <a class="row-link" href={repositoryPath(entry.name)}>
        <RepositoryName name={entry.name} />
      </a>
    </th>
    {hasRemotes && (
      <td class="cell-where">
        <PlaceBadges isHere={entry.here !== undefined} on={entry.on.map(({ remote }) => remote)} />
      </td>
    )}
    <td class="number cell-tags">
      {tagsText(entry)}
      <span class="card-word quiet"> {tagsText(entry) === '1' ? 'tag' : 'tags'}</span>
    </td>
    {hasDates && (
      <>
        <td class="cell-date">{entry.date !== undefined && <Moment at={entry.date} />}</td>
        <td class="cell-used">{entry.used !== undefined && <Moment at={entry.used} />}</td>
      </>
    )}
    <td class="number size cell-size">
      <ShareBar part={entry.size} whole={largest} />
      <span class={entry.here ? 'size-text' : 'size-text quiet'}>{sizeText(entry.size)}</span>
    </td>
    <td class="cell-actions">
      <RowActions entry={entry} />
    </td>
  </tr>
)

function RowActions({ entry: { name, here, on } }: { entry: RepositoryEntry }) {
  // Where as many are here, the repository's own page says what is newer elsewhere.
  const source = on.find(({ listed }) => listed.tags > (here?.tags ?? 0))?.remote
  return (
    <span class="row-actions">
      {source !== undefined && (
        <button
          type="button"
          class="button small"
          onClick={() => wishToPull({ repository: name, remote: source })}
        >
          <Icon name="pull" /> Pull
          <span class="visually-hidden"> {name}</span>
        </button>
      )}
      {here && (
        <button
          type="button"
          class="button bare danger"
          title={`Delete ${name}`}
          onClick={(event) =>
            wishToRemove({ repository: name, images: undefined, isElsewhere: on.length > 0 }, event)
          }
        >
          <Icon name="delete" />
          <span class="visually-hidden">Delete {name}</span>
        </button>
      )}
    </span>
  )
}

/** Where they differ, those of this browser out of all. */
function tagsText({ here, on }: RepositoryEntry): string {
  const there = Math.max(0, ...on.map(({ listed }) => listed.tags))
  const isPart = here && there > here.tags
  return isPart ? `${here.tags} of ${there}` : (here?.tags ?? there).toLocaleString('en')
}

/** The path stands back, the last part is what people look for. */
const RepositoryName = ({ name }: { name: string }) => {
  const end = name.lastIndexOf('/') + 1
  return (
    <>
      <span class="quiet">{name.slice(0, end)}</span>
      {name.slice(end)}
    </>
  )
}
