/** The storage view. Its head is shown at once, the rest is loaded. */
import { Heading } from '../components/heading.tsx'
import { Loading, lazily } from '../components/loading.tsx'
import { Problem } from '../components/problem.tsx'
import { readStorage } from '../requests/admin.ts'
import { useQuery } from '../requests/use-query.ts'

const StorageBody = lazily('what is stored', async () => (await import('./storage-body.tsx')).StorageBody)

export function StorageView() {
  const { value: storage, failure } = useQuery('storage', (signal) => readStorage({ signal }))
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
