/** What is stored on this device, what takes the space, and how to get some of it back. */
import { Heading } from '../frame/heading.tsx'
import { lazily } from '../parts/lazily.tsx'
import { Loading } from '../parts/loading.tsx'
import { Problem } from '../parts/problem.tsx'
import { readStorage } from '../requests/owner.ts'
import { useLoaded } from '../use-loaded.ts'

const StorageBody = lazily('what is stored', async () => (await import('./storage-body.tsx')).StorageBody)

export function StorageView() {
  const { value: storage, failure } = useLoaded('storage', (signal) => readStorage({ signal }))
  return (
    <>
      <header class="view-head">
        <Heading text="Storage" />
      </header>
      {failure !== undefined && <Problem title="The storage could not be read." failure={failure} />}
      {!storage && failure === undefined && <Loading what="what is stored" />}
      {storage && <StorageBody storage={storage} />}
    </>
  )
}
