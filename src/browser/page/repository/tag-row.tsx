/** A row of the table: a tag or an untagged image. */

import { Icon } from '../components/icons.tsx'
import { artifactText, shortDigest, sizeText } from '../components/text.ts'
import { Digest, Moment } from '../components/values.tsx'
import { openDeletionDialog, openPullDialog, openPushDialog } from '../lists/list-dialogs.tsx'
import { LocationBadges, remoteText } from '../lists/remote-notes.tsx'
import { imagePath } from '../route.ts'
import { PlatformCell } from './platform-cell.tsx'
import { type ImageRow, isNewer, pullableOf } from './rows.ts'

interface RowProps {
  readonly name: string
  readonly row: ImageRow
  readonly hasRemotes: boolean
  /** Whether there is a server to push to. */
  readonly hasServer: boolean
  readonly isChosen: boolean
  readonly onChoose: (isChosen: boolean) => void
}

export const TagRow = ({ name, row, hasRemotes, hasServer, isChosen, onChoose }: RowProps) => {
  const { tag, digest, here, on } = row
  return (
    <tr>
      <td class="cell-check">
        <input
          type="checkbox"
          aria-label={`Select ${tag ?? shortDigest(digest)}`}
          checked={isChosen}
          onChange={(event) => onChoose(event.currentTarget.checked)}
        />
      </td>
      <th scope="row" class="cell-name">
        <a class="row-link" href={imagePath(name, tag ?? digest)}>
          {tag ?? whatText(row)}
        </a>
        {here?.kept && (
          <span class="badge" title="Never removed to make room">
            <Icon name="keep" /> kept
          </span>
        )}
        <Attachments name={name} row={row} />
      </th>
      {hasRemotes && (
        <td class="cell-where">
          <LocationBadges
            isHere={here !== undefined}
            isPartly={(here?.missing ?? 0) > 0}
            on={on.filter(({ tag }) => tag.digest === digest).map(({ remote }) => remote)}
          />
          <OtherText row={row} />
        </td>
      )}
      <td class="cell-digest">
        <Digest digest={digest} />
      </td>
      <td class="cell-platforms">
        <PlatformCell name={name} row={row} />
      </td>
      <td class="cell-date">
        <DateText row={row} />
      </td>
      <td class="cell-used">{row.used !== undefined && <Moment at={row.used} />}</td>
      <td class="number cell-size">
        <span class={here ? '' : 'quiet'}>{sizeText(row.size)}</span>
      </td>
      <td class="cell-actions">
        <RowActions name={name} row={row} hasServer={hasServer} />
      </td>
    </tr>
  )
}

function Attachments({ name, row: { attachments } }: { name: string; row: ImageRow }) {
  if (attachments.length === 0) return null
  return (
    <span class="under attachments">
      {attachments.map(({ text, reference }) => (
        <a key={reference} href={imagePath(name, reference)}>
          {text}
        </a>
      ))}
    </span>
  )
}

/** A peer has a different image under the same tag. */
function OtherText({ row }: { row: ImageRow }) {
  if (!row.other) return null
  const where = remoteText(row.other.remote)
  return (
    <span class={isNewer(row) ? 'under warn' : 'under quiet'}>
      {isNewer(row) ? `newer on ${where}` : `another image on ${where}`}
    </span>
  )
}

/** For a tag that was pulled from a peer: when it was set there. */
function DateText({ row: { here, by, on, date } }: { row: ImageRow }) {
  if (date === undefined) return null
  const verb = here && by === undefined ? 'added' : 'pushed'
  const remote = on.find(({ remote }) => remote.id === by)?.remote
  return (
    <>
      <span class="quiet">{verb}</span> <Moment at={date} />
      {by !== undefined && (
        <span class="under quiet" title={by}>
          tag of {remoteText(remote ?? { id: by, serves: false })}
        </span>
      )}
    </>
  )
}

function RowActions({ name, row, hasServer }: Pick<RowProps, 'name' | 'row' | 'hasServer'>) {
  const { tag, digest, here, on } = row
  const pullable = pullableOf(row)
  const what = tag ?? shortDigest(digest)
  return (
    <span class="row-actions">
      {pullable && (
        <button
          type="button"
          class="button small"
          onClick={() => openPullDialog({ repository: name, remote: pullable.remote, tags: [pullable] })}
        >
          <Icon name="pull" /> Pull
          <span class="visually-hidden"> {what}</span>
        </button>
      )}
      {hasServer &&
        here?.missing === 0 &&
        !on.some(({ remote, tag }) => remote.serves && tag.digest === digest) && (
          <button
            type="button"
            class="button small"
            onClick={() => openPushDialog({ name, reference: tag ?? digest })}
          >
            <Icon name="push" /> Push
            <span class="visually-hidden"> {what}</span>
          </button>
        )}
      {here && (
        <button
          type="button"
          class="button bare danger"
          title={`Delete ${what}`}
          onClick={(event) => {
            const images = [{ digest: here.digest, tag, tags: here.tags }]
            openDeletionDialog({ repository: name, images, isElsewhere: on.length > 0 }, event)
          }}
        >
          <Icon name="delete" />
          <span class="visually-hidden">Delete {what}</span>
        </button>
      )}
    </span>
  )
}

/** What an untagged image is. */
function whatText({ here }: ImageRow): string {
  if (here?.subject) return `${artifactText(here.artifactType ?? '')} of ${shortDigest(here.subject)}`
  return shortDigest(here?.digest ?? '')
}
