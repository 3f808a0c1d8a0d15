/** Pushed, from peers, uploads: a bar with its legend, against the budget where there is one. */
import { sizeText } from '../parts/sizes.ts'
import type { StorageUse } from '../requests/owner.ts'

export function UseBar({ storage: { bytes, budget } }: { storage: StorageUse }) {
  const { total, pushed, cached, uploads } = bytes
  const whole = Math.max(total, budget ?? 0, 1)
  const shown = [
    { kind: 'pushed', text: 'Pushed here', bytes: pushed },
    { kind: 'cached', text: 'From peers', bytes: cached },
    { kind: 'uploads', text: 'Uploads in progress', bytes: uploads },
  ].filter(({ bytes }) => bytes > 0)
  return (
    <>
      <div class="use-bar" aria-hidden="true">
        {shown.map(({ kind, bytes }) => (
          <span key={kind} data-kind={kind} style={{ inlineSize: `${(100 * bytes) / whole}%` }} />
        ))}
      </div>
      <dl class="legend">
        {shown.map(({ kind, text, bytes }) => (
          <div key={kind} data-kind={kind}>
            <dt>{text}</dt>
            <dd class="numbers">{sizeText(bytes)}</dd>
          </div>
        ))}
        {budget !== null && (
          <div>
            <dt>Budget</dt>
            <dd class="numbers">{sizeText(budget)}</dd>
          </div>
        )}
      </dl>
    </>
  )
}
