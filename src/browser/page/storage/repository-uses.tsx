/** What each repository takes, the largest first, and what it has left over. */
import { useState } from 'preact/hooks'
import { tellChange } from '../changes-state.ts'
import { announce } from '../parts/announcement.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { Problem } from '../parts/problem.tsx'
import { ShareBar } from '../parts/share-bar.tsx'
import { sizeText } from '../parts/sizes.ts'
import { freeSpace, type RepositoryUse } from '../requests/owner.ts'
import { repositoryPath } from '../route.ts'

const PAGE = 50

export function RepositoryUses({ repositories }: { repositories: readonly RepositoryUse[] }) {
  const [count, setCount] = useState(PAGE)
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
      <table class="table uses">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Repository</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, count).map((use) => (
            <Row key={use.name} use={use} largest={largest} onFailure={setFailure} />
          ))}
        </tbody>
      </table>
      {count < sorted.length && (
        <MoreButton shown={count} total={sorted.length} onMore={() => setCount(count + PAGE)} />
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

/** Of a repository without an image, whose own view would have nothing to show. */
function FreeRest({ name, onFailure }: Pick<RowProps, 'onFailure'> & { name: string }) {
  const [isStuck, setStuck] = useState(false)
  const free = () =>
    freeSpace({ repository: name }).then(({ freed }) => {
      announce(`Freed ${sizeText(freed)}`)
      if (freed > 0) document.querySelector('h1')?.focus() // the button goes with its row
      setStuck(true) // seen only where the row stays
      tellChange()
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
