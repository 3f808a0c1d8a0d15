/** A point in time, as far as people care: how long ago for a week, then the date; both, to the second, on demand. */

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
]

const WEEK = 7 * 86_400_000

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })
const dates = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium' })
const times = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'long' })

export function Moment({ at }: { at: string | number | undefined }) {
  const date = new Date(at ?? Number.NaN)
  if (Number.isNaN(date.getTime())) return <span class="quiet">–</span>
  const ago = agoText(date.getTime() - Date.now())
  const isRecent = Math.abs(date.getTime() - Date.now()) < WEEK
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
