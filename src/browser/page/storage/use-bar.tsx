/** What takes the space, by kind: a bar and its legend, which add up to all that is stored. */
import { sizeText } from '../parts/sizes.ts'
import type { StorageUse } from '../requests/owner.ts'

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
