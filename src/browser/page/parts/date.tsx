/** A point in time as a date, with how long ago that was. */
import { Moment } from './moment.tsx'

const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })

export function DateText({ at }: { at: string | number | undefined }) {
  const time = new Date(at ?? Number.NaN)
  if (Number.isNaN(time.getTime())) return <span class="quiet">–</span>
  return (
    <>
      {date.format(time)}{' '}
      <span class="quiet">
        (<Moment at={at} />)
      </span>
    </>
  )
}
