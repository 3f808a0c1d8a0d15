/** The progress of a transfer as a whole and for each blob. */

import { countText, sizeText } from '../components/text.ts'
import { Digest } from '../components/values.tsx'
import { KINDS } from './kinds.ts'
import type { Part, Progress, Transfer } from './transfer.ts'

const STATES: Readonly<Record<Part['state'], string>> = {
  waiting: 'waiting',
  running: '',
  done: 'done',
  held: 'already here',
}

/** A list of at most this many blobs is open at first. */
const MAX_OPEN_PARTS = 3

export const PartList = ({ parts }: { parts: readonly Part[] }) => {
  if (parts.length === 0) return null
  return (
    <details class="parts" open={parts.length <= MAX_OPEN_PARTS}>
      <summary class="quiet">{partsText(parts)}</summary>
      <ol>
        {parts.map((part) => (
          <PartRow key={part.digest} part={part} />
        ))}
      </ol>
    </details>
  )
}

/** `3 of 9 layers`; blobs if there are no layers. */
export function partsText(parts: readonly Part[]): string {
  const layers = parts.filter(({ kind }) => kind === 'layer')
  const counted = layers.length > 0 ? layers : parts
  const here = counted.filter(({ state }) => state === 'done' || state === 'held').length
  return `${here.toLocaleString('en')} of ${countText(counted.length, layers.length > 0 ? 'layer' : 'blob')}`
}

const PartRow = ({ part: { digest, kind, size, done, state } }: { part: Part }) => (
  <li class="part" data-state={state}>
    <span>
      <Digest digest={digest} /> <span class="quiet">{kind}</span>
    </span>
    <span class="quiet numbers">
      {STATES[state] || (size ? `${Math.floor((100 * done) / size)} %` : sizeText(done))}
    </span>
  </li>
)

/** A shorter remaining time is not shown. */
const MIN_SHOWN_SECONDS = 2

export function ProgressLine({ transfer: { kind, title, progress, phase } }: { transfer: Transfer }) {
  const { done, total } = progress.value
  const doing = phase.value.is === 'paused' ? 'Paused' : KINDS[kind].doing
  return (
    <div class="progress-line">
      <progress aria-label={title} {...(total !== undefined && { value: done, max: Math.max(total, 1) })} />
      <p class="quiet numbers">
        {doing}: {sizeText(done)}
        {total !== undefined && ` of ${sizeText(total)}`}
        {phase.value.is === 'running' && paceText(progress.value)}
      </p>
    </div>
  )
}

function paceText({ done, total, speed }: Progress): string {
  if (!speed) return ''
  const left = total === undefined ? 0 : (total - done) / speed
  return `, ${sizeText(speed)}/s${left >= MIN_SHOWN_SECONDS ? `, ${durationText(left)} left` : ''}`
}

/** @param seconds - `7 s`, `2 min`, `1 h 5 min` */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
