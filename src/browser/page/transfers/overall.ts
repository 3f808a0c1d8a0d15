/** The progress of all active transfers together, also in the window's title and on the app's badge. */
import { computed, effect } from '@preact/signals'
import { titlePrefix } from '../components/heading.tsx'
import { isActive, type Transfer } from './transfer.ts'
import { transfers } from './transfers-state.ts'

export const active = computed<readonly Transfer[]>(() =>
  transfers.value.filter(({ phase }) => isActive(phase.value)),
)

/** A whole percentage; `undefined` if no total is known. */
export const overall = computed<number | undefined>(() => {
  const known = active.value.map(({ progress }) => progress.value).filter(({ total }) => total)
  const total = known.reduce((sum, { total }) => sum + total!, 0)
  const done = known.reduce((sum, { done }) => sum + done, 0)
  return total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : undefined
})

export function showProgressOutside(): void {
  effect(() => {
    titlePrefix.value = overall.value === undefined ? undefined : `${overall.value} %`
  })
  effect(() => setBadge(active.value.length))
}

/** The badge of the installed app. @see https://w3c.github.io/badging/ */
function setBadge(count: number): void {
  const badge = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.()
  badge?.catch(() => {}) // not supported by the system
}
