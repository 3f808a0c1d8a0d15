/** How far a transfer is, how fast, and how long it will take. */
import { durationText } from '../parts/durations.ts'
import { sizeText } from '../parts/sizes.ts'
import { KINDS } from './kinds.ts'
import type { Progress, Transfer } from './transfer.ts'

/** Seconds: what is shorter is over before it is read. */
const SHORTEST = 2

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
  return `, ${sizeText(speed)}/s${left >= SHORTEST ? `, ${durationText(left)} left` : ''}`
}
