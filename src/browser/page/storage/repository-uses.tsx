/** The size of each repository, the largest first, and leftovers of unfinished pushes. */

import { useState } from 'preact/hooks'
import { announce } from '../components/announcement.tsx'
import { MoreButton } from '../components/buttons.tsx'
import { Problem } from '../components/problem.tsx'
import { Table } from '../components/table.tsx'
import { sizeText } from '../components/text.ts'
import { ShareBar } from '../components/values.tsx'
import { freeSpace, type RepositoryUse } from '../requests/admin.ts'
import { invalidate } from '../requests/use-query.ts'
import { repositoryPath } from '../route.ts'

const PAGE_ROWS = 50

export function RepositoryUses({ repositories }: { repositories: readonly RepositoryUse[] }) {
  const [count, setCount] = useState(PAGE_ROWS)
  const [failure, setFailure] = useState<unknown>()
  if (repositories.length === 0) return null
  const sorted = repositories.toSorted((one, other) => other.bytes - one.bytes)
  const largest = sorted[0]!.bytes
  return (
    <section class="section" aria-labelledby="repositories">
      <div class="section-head">
        <h2 id="repositories">By repository</h2>
        {sorted.some(({ shared }) => shared > 0) && (
          <p class="quiet">A layer that several repositories have is stored once, and counted for each</p>
        )}
      </div>
      {failure !== undefined && <Problem title="It could not be freed." failure={failure} />}
      <Table className="uses" columns={[{ text: 'Repository' }, { text: 'Size' }]} isHeadHidden>
        <tbody>
          {sorted.slice(0, count).map((use) => (
            <Row key={use.name} use={use} largest={largest} onFailure={setFailure} />
          ))}
        </tbody>
      </Table>
      {count < sorted.length && (
        <MoreButton shown={count} total={sorted.length} onMore={() => setCount(count + PAGE_ROWS)} />
      )}
    </section>
  )
}

interface RowProps {
  readonly use: RepositoryUse
  readonly largest: number
  readonly onFailure: (failure: unknown) => void
}

const Row = ({ use, largest, onFailure }: RowProps) => (
  <tr>
    <th scope="row">
      {use.manifests > 0 ? (
        <a class="row-link" href={repositoryPath(use.name)}>
          {use.name}
        </a>
      ) : (
        <span class="row-link">{use.name}</span>
      )}
      {use.manifests === 0 && <FreeRest name={use.name} onFailure={onFailure} />}
      {noteOf(use) && <span class="under quiet numbers">{noteOf(use)}</span>}
    </th>
    <td class="number size">
      <ShareBar part={use.bytes} whole={largest} />
      <span class="size-text">{sizeText(use.bytes)}</span>
    </td>
  </tr>
)

/** For a repository without images, whose view would be empty. */
function FreeRest({ name, onFailure }: Pick<RowProps, 'onFailure'> & { name: string }) {
  const [isStuck, setStuck] = useState(false)
  const free = () =>
    freeSpace({ repository: name }).then(({ freed }) => {
      announce(`Freed ${sizeText(freed)}`)
      if (freed > 0) document.querySelector('h1')?.focus() // the button is removed with its row
      setStuck(true) // only visible if the row stays
      invalidate()
    }, onFailure)
  return (
    <>
      {' '}
      <button type="button" class="button bare" onClick={free}>
        Delete leftovers<span class="visually-hidden"> of {name}</span>
      </button>
      {isStuck && <span class="quiet">It is still being pushed to; try again in a few seconds.</span>}
    </>
  )
}

function noteOf({ manifests, orphans, shared }: RepositoryUse): string {
  if (manifests === 0) return 'no image: layers of an import or push that did not come to its end'
  const notes = [
    shared > 0 && `${sizeText(shared)} shared with other repositories`,
    orphans > 0 && `${sizeText(orphans)} that none of its images needs`,
  ]
  return notes.filter(Boolean).join(', ')
}
