/** How far all transfers together are that are under way. */
import { computed } from '@preact/signals'
import { isActive, type Transfer } from './transfer.ts'
import { transfers } from './transfers-state.ts'

export const active = computed<readonly Transfer[]>(() =>
  transfers.value.filter(({ phase }) => isActive(phase.value)),
)

/** In percent, a whole number; `undefined` where none of them knows. */
export const overall = computed<number | undefined>(() => {
  const known = active.value.map(({ progress }) => progress.value).filter(({ total }) => total)
  const total = known.reduce((sum, { total }) => sum + total!, 0)
  const done = known.reduce((sum, { done }) => sum + done, 0)
  return total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : undefined
})
