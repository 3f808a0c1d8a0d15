/** How far a transfer is, and how fast. */
import { sizeText } from '../parts/sizes.ts'
import type { Transfer } from './transfers-state.ts'

export function ProgressLine({ transfer }: { transfer: Transfer }) {
  const { done, total } = transfer.progress.value
  const seconds = (Date.now() - transfer.startedAt.value) / 1000
  return (
    <div class="progress-line">
      <progress
        aria-label={transfer.title}
        {...(total !== undefined && { value: done, max: Math.max(total, 1) })}
      />
      <p class="quiet numbers">
        {sizeText(done)}
        {total !== undefined && ` of ${sizeText(total)}`}
        {seconds > 1 && `, ${sizeText(done / seconds)}/s`}
      </p>
    </div>
  )
}
