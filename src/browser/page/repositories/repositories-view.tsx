/** The first view: all images that can be had, by repository, or what to do where there are none. */
import { Heading } from '../frame/heading.tsx'
import { PlaceNotes } from '../lists/place-notes.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { readTotal } from '../requests/owner.ts'
import { useLoaded } from '../use-loaded.ts'
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
      <PlaceNotes {...catalog} />
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

/** Its sum is asked for when the list is there, which need not wait for it. */
function Stored({ count }: { readonly count: number }) {
  const total = useLoaded('total', (signal) => readTotal({ signal })).value
  if (total === undefined) return null
  return (
    <p class="quiet numbers">
      {countText(count, 'repository', 'repositories')} stored here, {sizeText(total)}
    </p>
  )
}
