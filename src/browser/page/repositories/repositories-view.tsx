/** The first view: all repositories of this browser and its peers, or what to do if there are none. */
import { Heading } from '../components/heading.tsx'
import { Loading } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { countText, sizeText } from '../components/text.ts'
import { RemoteNotes } from '../lists/remote-notes.tsx'
import { readTotal } from '../requests/admin.ts'
import { useQuery } from '../requests/use-query.ts'
import { RepositoryList } from './repository-list.tsx'
import { useCatalog } from './use-catalog.ts'
import { Welcome } from './welcome.tsx'

export function RepositoriesView() {
  const catalog = useCatalog()
  const { here, entries } = catalog
  const count = entries.filter(({ here }) => here).length
  if (here?.isComplete && here.failure === undefined && count === 0) return <Welcome catalog={catalog} />
  return (
    <>
      <header class="view-head">
        <Heading text="Images" />
        {catalog.isFresh && <Stored count={count} />}
      </header>
      {here?.failure !== undefined && <Problem title="The list could not be read." failure={here.failure} />}
      {!here && <Loading what="the list" />}
      <RemoteNotes {...catalog} />
      {here && entries.length > 0 && <RepositoryList catalog={catalog} />}
      {here && (
        <p class="tip quiet">
          Layers that several images share are stored once, and count for each of them. Drop a file of{' '}
          <code>docker save</code>, or an OCI layout, anywhere on the page to import it.
        </p>
      )}
    </>
  )
}

/** Reads the total after the list, which does not have to wait for it. */
function Stored({ count }: { readonly count: number }) {
  const total = useQuery('total', (signal) => readTotal({ signal })).value
  if (total === undefined) return null
  return (
    <p class="quiet numbers">
      {countText(count, 'repository', 'repositories')} stored here, {sizeText(total)}
    </p>
  )
}
