/** What is stored on this device, what takes the space, and how to get some of it back. */
import { Heading } from '../frame/heading.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { sizeText } from '../parts/sizes.ts'
import { readStorage, type StorageUse } from '../requests/owner.ts'
import { useLoaded } from '../use-loaded.ts'
import { FreeSpace } from './free-space.tsx'
import { Limit } from './limit.tsx'
import { OverLimit } from './over-limit.tsx'
import { Persistence } from './persistence.tsx'
import { RepositoryUses } from './repository-uses.tsx'
import { UseBar } from './use-bar.tsx'

export function StorageView() {
  const { value: storage, failure } = useLoaded('storage', (signal) => readStorage({ signal }))
  return (
    <>
      <header class="view-head">
        <Heading text="Storage" />
      </header>
      {failure !== undefined && <Problem title="The storage could not be read." failure={failure} />}
      {!storage && failure === undefined && <Loading what="what is stored" />}
      {storage && <Storage storage={storage} />}
    </>
  )
}

const Storage = ({ storage }: { storage: StorageUse }) => (
  <>
    <OverLimit storage={storage} />
    <section class="use" aria-labelledby="use">
      <h2 id="use" class="figure numbers">
        {sizeText(storage.bytes.total)} <span class="quiet">stored in this browser</span>
      </h2>
      <UseBar bytes={storage.bytes} />
      {storage.platform && <Room {...storage.platform} />}
    </section>
    <div class="columns">
      <FreeSpace />
      <Limit storage={storage} />
      <Persistence />
    </div>
    <RepositoryUses repositories={storage.repositories} />
  </>
)

/** What the browser says of the disk is an estimate, and on purpose a coarse one. */
const Room = ({ usage, quota }: NonNullable<StorageUse['platform']>) => (
  <p class="quiet numbers">
    By this browser's own estimate there is room for about {sizeText(Math.max(0, quota - usage))} more.
  </p>
)
