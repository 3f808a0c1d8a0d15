/** Times, digests and shares as lists show them. */
import { shortDigest } from './text.ts'

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

const WEEK_MS = 7 * 86_400_000

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long' })

export function Moment({ at }: { at: string | number | undefined }) {
  const date = new Date(at ?? Number.NaN)
  if (Number.isNaN(date.getTime())) return <span class="quiet">–</span>
  const ago = agoText(date.getTime() - Date.now())
  const isRecent = Math.abs(date.getTime() - Date.now()) < WEEK_MS
  return (
    <time dateTime={date.toISOString()} title={`${ago}: ${times.format(date)}`}>
      {isRecent ? ago : dates.format(date)}
    </time>
  )
}

export function agoText(milliseconds: number): string {
  const [unit, length] = STEPS.find(([, length]) => Math.abs(milliseconds) >= length) ?? []
  return unit ? relative.format(Math.round(milliseconds / length!), unit) : 'just now'
}

export const Digest = ({ digest }: { digest: string }) => (
  <code class="digest" title={digest}>
    {shortDigest(digest)}
  </code>
)

/** A bar for a part of a whole. Hidden from screen readers, because the number is next to it. */
export const ShareBar = ({ part, whole }: { part: number; whole: number }) => (
  <span class="share" aria-hidden="true">
    <span style={{ inlineSize: `${whole > 0 ? Math.max(1, (100 * part) / whole) : 0}%` }} />
  </span>
)
