/**
 * Where the user is. Links are plain links; the Navigation API tells of them all, and where it is missing each is a
 * page load, which works as well.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/API/Navigation_API
 */
import { signal } from '@preact/signals'
import { type Route, routeOf } from './route.ts'

const here = (): Route => routeOf(new URL(location.href)) ?? { page: 'unknown' }

export const route = signal<Route>(here())

export function startRouting(): void {
  globalThis.navigation?.addEventListener('navigate', (event) => {
    if (!event.canIntercept || event.hashChange || event.navigationType === 'reload') return
    const target = routeOf(new URL(event.destination.url))
    if (!target) return
    const isSamePage = target.page === route.value.page && samePath(event.destination.url)
    event.intercept({
      focusReset: 'manual',
      scroll: isSamePage ? 'manual' : 'after-transition',
      handler: async () => {
        route.value = target
        if (!isSamePage) await focusHeading()
      },
    })
  })
}

export const navigate = (path: string): void => {
  if (globalThis.navigation) globalThis.navigation.navigate(path)
  else location.assign(path)
}

const samePath = (url: string): boolean => new URL(url).pathname === location.pathname

/** Who uses a screen reader hears where they are, and goes on with the keyboard from there. */
const focusHeading = async (): Promise<void> => {
  await new Promise(requestAnimationFrame)
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
}
