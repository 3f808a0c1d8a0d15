/** What the registry takes on this device, and what takes it. */
import { Heading } from '../frame/heading.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { countText } from '../parts/texts.ts'
import { readStorage, type StorageUse } from '../requests/owner.ts'
import { useLoaded } from '../use-loaded.ts'
import { Budget } from './budget.tsx'
import { Persistence } from './persistence.tsx'
import { RepositoryUses } from './repository-uses.tsx'
import { UseBar } from './use-bar.tsx'

export function StorageView() {
  const { value: storage, failure } = useLoaded('storage', (signal) => readStorage({ signal }))
  return (
    <>
      <header class="view-head">
        <Heading text="Storage" />
        {storage && <p class="quiet numbers">{countText(storage.blobs, 'blob')}</p>}
      </header>
      {failure !== undefined && <Problem title="The storage could not be read." failure={failure} />}
      {!storage && failure === undefined && <Loading what="what is stored" />}
      {storage && <Storage storage={storage} />}
    </>
  )
}

const Storage = ({ storage }: { storage: StorageUse }) => (
  <>
    <section class="use" aria-labelledby="use">
      <h2 id="use" class="figure numbers">
        {sizeText(storage.bytes.total)} <span class="quiet">held here</span>
      </h2>
      <UseBar storage={storage} />
      {storage.platform && (
        <p class="quiet numbers">
          The browser counts {sizeText(storage.platform.usage)} for this site, and says it would allow{' '}
          {sizeText(storage.platform.quota)}.
        </p>
      )}
    </section>
    <div class="columns">
      <Budget storage={storage} />
      <Persistence />
    </div>
    <RepositoryUses repositories={storage.repositories} />
  </>
)
