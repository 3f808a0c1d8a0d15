/** How far the transfers are, where the page itself is not seen: in the title of its tab, and on the app's icon. */
import { effect } from '@preact/signals'
import { titlePrefix } from '../parts/window-title.ts'
import { active, overall } from './overall.ts'

export function showProgressOutside(): void {
  effect(() => {
    titlePrefix.value = overall.value === undefined ? undefined : `${overall.value} %`
  })
  effect(() => setBadge(active.value.length))
}

/** Where the page is installed as an app. @see https://w3c.github.io/badging/ */
function setBadge(count: number): void {
  const badge = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.()
  badge?.catch(() => {}) // the system shows none
}
