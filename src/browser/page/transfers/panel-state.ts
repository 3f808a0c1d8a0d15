/** Whether the list of transfers is open or put away, as this tab's user left it. */
import { signal } from '@preact/signals'

const KEY = 'transfers put away'

export const isPutAway = signal(read())

export function putAway(isAway: boolean): void {
  isPutAway.value = isAway
  try {
    if (isAway) sessionStorage.setItem(KEY, 'yes')
    else sessionStorage.removeItem(KEY)
  } catch {} // no storage: until the next load
}

function read(): boolean {
  try {
    return sessionStorage.getItem(KEY) !== null
  } catch {
    return false
  }
}
