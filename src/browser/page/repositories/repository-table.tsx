/** The table of repositories: where they are, how large, and actions. */

import { Icon } from '../components/icons.tsx'
import type { Order } from '../components/order.ts'
import { Table } from '../components/table.tsx'
import { sizeText } from '../components/text.ts'
import { Moment, ShareBar } from '../components/values.tsx'
import { openDeletionDialog, openPullDialog } from '../lists/list-dialogs.tsx'
import { LocationBadges } from '../lists/remote-notes.tsx'
import { repositoryPath } from '../route.ts'
import type { RepositoryEntry } from './use-catalog.ts'

interface TableProps {
  readonly entries: readonly RepositoryEntry[]
  /** Whether there are peers that list images. */
  readonly hasRemotes: boolean
  /** Whether a repository is in this browser: peers do not tell dates. */
  readonly hasDates: boolean
  readonly order: Order
  readonly onOrder: (order: Order) => void
}

export function RepositoryTable({ entries, hasRemotes, hasDates, order, onOrder }: TableProps) {
  const largest = Math.max(0, ...entries.map(({ size }) => size))
  const sorting = { order, onOrder }
  return (
    <Table
      className="list repositories"
      columns={[
        { text: 'Repository', by: 'name' },
        hasRemotes && { text: 'Where' },
        { text: 'Tags', className: 'number' },
        hasDates && { text: 'Changed', by: 'date' },
        hasDates && { text: 'Used', by: 'used', className: 'head-used' },
        { text: 'Size', by: 'size', className: 'number' },
        { text: 'Actions', isHidden: true },
      ]}
      {...sorting}
    >
      <tbody>
        {entries.map((entry) => (
          <RepositoryRow
            key={entry.name}
            entry={entry}
            hasRemotes={hasRemotes}
            hasDates={hasDates}
            largest={largest}
          />
        ))}
      </tbody>
    </Table>
  )
}

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
        <LocationBadges isHere={entry.here !== undefined} on={entry.on.map(({ remote }) => remote)} />
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
  // If this browser has as many tags, the repository's page says what peers have newer.
  const source = on.find(({ listed }) => listed.tags > (here?.tags ?? 0))?.remote
  return (
    <span class="row-actions">
      {source !== undefined && (
        <button
          type="button"
          class="button small"
          onClick={() => openPullDialog({ repository: name, remote: source })}
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
            openDeletionDialog({ repository: name, images: undefined, isElsewhere: on.length > 0 }, event)
          }
        >
          <Icon name="delete" />
          <span class="visually-hidden">Delete {name}</span>
        </button>
      )}
    </span>
  )
}

/** `2 of 5` if a peer has more tags than this browser. */
function tagsText({ here, on }: RepositoryEntry): string {
  const there = Math.max(0, ...on.map(({ listed }) => listed.tags))
  const isPart = here && there > here.tags
  return isPart ? `${here.tags} of ${there}` : (here?.tags ?? there).toLocaleString('en')
}

/** The last part of the name is emphasized, because people look for it. */
const RepositoryName = ({ name }: { name: string }) => {
  const end = name.lastIndexOf('/') + 1
  return (
    <>
      <span class="quiet">{name.slice(0, end)}</span>
      {name.slice(end)}
    </>
  )
}
