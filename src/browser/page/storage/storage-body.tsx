/** What is stored, by kind and by repository, and the ways to get space back; loaded when the view is opened. */
import { sizeText } from '../parts/sizes.ts'
import type { StorageUse } from '../requests/owner.ts'
import { FreeSpace } from './free-space.tsx'
import { Limit } from './limit.tsx'
import { OverLimit } from './over-limit.tsx'
import { Persistence } from './persistence.tsx'
import { RepositoryUses } from './repository-uses.tsx'
import { UseBar } from './use-bar.tsx'

export const StorageBody = ({ storage }: { storage: StorageUse }) => (
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
