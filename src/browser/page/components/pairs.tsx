/** Name and value pairs of a description list, and dates in them. */

import type { ComponentChildren } from 'preact'
import { Moment } from './values.tsx'
import { visibleText } from './visible-text.ts'

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

export const Pair = ({ name, children }: { name: string; children: ComponentChildren }) =>
  children ? (
    <div>
      <dt>{name}</dt>
      <dd>{typeof children === 'string' ? visibleText(children) : children}</dd>
    </div>
  ) : null
