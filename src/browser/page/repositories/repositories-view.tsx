/** All repositories, page by page. */
import { Heading } from '../frame/heading.tsx'
import { Loading } from '../parts/loading.tsx'
import { MoreButton } from '../parts/more-button.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { listRepositories } from '../requests/distribution.ts'
import { readStorage } from '../requests/owner.ts'
import { useLoaded } from '../use-loaded.ts'
import { usePages } from '../use-pages.ts'
import { RepositoryTable } from './repository-table.tsx'
import { Welcome } from './welcome.tsx'

export function RepositoriesView() {
  const { entries: names, isComplete, failure, more } = usePages(listRepositories)
  const storage = useLoaded('storage', (signal) => readStorage({ signal })).value
  if (names?.length === 0) return <Welcome />
  return (
    <>
      <header class="view-head">
        <Heading text="Repositories" />
        {storage && (
          <p class="quiet numbers">
            {countText(storage.repositories.length, 'repository', 'repositories')},{' '}
            {sizeText(storage.bytes.total)} held here
          </p>
        )}
      </header>
      {failure !== undefined && <Problem title="The list could not be read." failure={failure} />}
      {!names && failure === undefined && <Loading what="the catalog" />}
      {names && <RepositoryTable names={names} uses={storage?.repositories ?? []} />}
      {names && !isComplete && <MoreButton shown={names.length} onMore={more} />}
      {names && (
        <p class="tip quiet">
          Drop archives of <code>docker save</code>, or OCI layouts, anywhere on the page to push them.
        </p>
      )}
    </>
  )
}
