/** The content of the storage view, loaded when it is opened: what is stored, and how to free space. */

import { useEffect, useState } from 'preact/hooks'
import { sizeText } from '../components/text.ts'
import type { StorageUse } from '../requests/admin.ts'
import { FreeSpace } from './free-space.tsx'
import { Limit, OverLimit } from './limit.tsx'
import { RepositoryUses } from './repository-uses.tsx'

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

/** Browsers deliberately give only a coarse estimate. */
const Room = ({ usage, quota }: NonNullable<StorageUse['platform']>) => (
  <p class="quiet numbers">
    By this browser's own estimate there is room for about {sizeText(Math.max(0, quota - usage))} more.
  </p>
)

const KINDS = [
  ['pushed', 'Imported or pushed here'],
  ['cached', 'Pulled from peers'],
  ['orphans', 'Not needed by any image'],
  ['uploads', 'Unfinished imports and pushes'],
  ['downloads', 'Unfinished pulls'],
] as const

export function UseBar({ bytes }: Pick<StorageUse, 'bytes'>) {
  const shown = KINDS.filter(([kind]) => bytes[kind] > 0)
  return (
    <>
      <div class="use-bar" aria-hidden="true">
        {shown.map(([kind]) => (
          <span key={kind} data-kind={kind} style={{ inlineSize: `${(100 * bytes[kind]) / bytes.total}%` }} />
        ))}
      </div>
      <dl class="legend">
        {shown.map(([kind, text]) => (
          <div key={kind} data-kind={kind}>
            <dt>{text}</dt>
            <dd class="numbers">{sizeText(bytes[kind])}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

export function Persistence() {
  const [isPersistent, setPersistent] = useState<boolean>()
  const [wasAsked, setAsked] = useState(false)
  useEffect(() => {
    navigator.storage?.persisted?.().then(setPersistent, () => {}) // unsupported: not persistent
  }, [])
  const ask = async () => {
    setPersistent(await navigator.storage.persist().catch(() => false))
    setAsked(true)
  }
  return (
    <section aria-labelledby="persistence">
      <h2 id="persistence">If the disk gets full</h2>
      {isPersistent ? (
        <p>This browser deletes nothing of it by itself, only when you clear the data of this site.</p>
      ) : (
        <>
          <p>When this device runs short of space, the browser may delete everything that is stored here.</p>
          <p>
            <button type="button" class="button" onClick={ask}>
              Ask the browser not to
            </button>
          </p>
        </>
      )}
      {wasAsked && !isPersistent && (
        <p class="hint" role="status">
          The browser does not agree yet. It often does once this page is installed as an app, bookmarked, or
          used more.
        </p>
      )}
    </section>
  )
}
