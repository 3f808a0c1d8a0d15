/** Where a blob came from. */
import { sizeText } from '../parts/sizes.ts'
import type { HeldBlob } from '../requests/owner.ts'

/** @param origin - `null` for a blob that is not held here, `undefined` before it is known */
export function OriginText({ origin }: { origin: HeldBlob | null | undefined }) {
  if (origin === undefined) return null
  if (origin === null) return <span class="warn">not here</span>
  if (origin.source === 'pushed') return <span>pushed here</span>
  if (origin.origins.length === 0) return <span>peers</span>
  return (
    <ul class="plain">
      {origin.origins.map(({ peer, bytes }) => (
        <li key={peer} title={`${sizeText(bytes)} from ${peer}`}>
          peer <code class="digest">…{peer.slice(-6)}</code>
          {origin.origins.length > 1 && <span class="quiet numbers"> {sizeText(bytes)}</span>}
        </li>
      ))}
    </ul>
  )
}
