/** What each repository takes, the largest first. */
import { useState } from 'preact/hooks'
import { MoreButton } from '../parts/more-button.tsx'
import { ShareBar } from '../parts/share-bar.tsx'
import { sizeText } from '../parts/sizes.ts'
import type { RepositoryUse } from '../requests/owner.ts'
import { repositoryPath } from '../route.ts'

const PAGE = 50

export function RepositoryUses({ repositories }: { repositories: readonly RepositoryUse[] }) {
  const [count, setCount] = useState(PAGE)
  if (repositories.length === 0) return null
  const sorted = repositories.toSorted((one, other) => other.bytes - one.bytes)
  const largest = sorted[0]!.bytes
  return (
    <section class="section" aria-labelledby="repositories">
      <div class="section-head">
        <h2 id="repositories">By repository</h2>
        <p class="quiet">Shared layers count for each</p>
      </div>
      <table class="table uses">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Repository</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {sorted.slice(0, count).map(({ name, bytes }) => (
            <tr key={name}>
              <th scope="row">
                <a class="row-link" href={repositoryPath(name)}>
                  {name}
                </a>
              </th>
              <td class="number size">
                <ShareBar part={bytes} whole={largest} />
                <span class="size-text">{sizeText(bytes)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {count < sorted.length && (
        <MoreButton shown={count} total={sorted.length} onMore={() => setCount(count + PAGE)} />
      )}
    </section>
  )
}
