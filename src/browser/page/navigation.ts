/**
 * The current route. Links are plain links: they are followed by the Navigation API or, where it is missing (Firefox
 * before 147, Safari before 26.2), by click events, because a page load would interrupt the transfers.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/API/Navigation_API
 */
import { signal } from '@preact/signals'
import { type Route, routeOf } from './route.ts'

const here = (): Route => routeOf(new URL(location.href)) ?? { page: 'unknown' }

export const route = signal<Route>(here())

export const startRouting = (): void =>
  globalThis.navigation ? followNavigation(globalThis.navigation) : followClicks()

export const navigate = (path: string): void => {
  if (globalThis.navigation) globalThis.navigation.navigate(path)
  else go(new URL(path, location.href))
}

function followNavigation(navigation: Navigation): void {
  navigation.addEventListener('navigate', (event) => {
    if (!event.canIntercept || event.hashChange || event.navigationType === 'reload') return
    const url = new URL(event.destination.url)
    const target = routeOf(url)
    if (!target) return
    const isSamePage = target.page === route.value.page && url.pathname === location.pathname
    event.intercept({
      focusReset: 'manual',
      scroll: isSamePage ? 'manual' : 'after-transition',
      handler: () => show(target, isSamePage),
    })
  })
}

function followClicks(): void {
  let path = location.pathname
  addEventListener('click', (event) => {
    const url = linkIn(event)
    if (!url || !routeOf(url)) return
    event.preventDefault()
    go(url)
  })
  addEventListener('popstate', () => {
    const isSamePage = path === location.pathname
    path = location.pathname
    void show(here(), isSamePage)
  })
}

/** Does what a click on a link to `url` does. */
function go(url: URL): void {
  if (!routeOf(url)) {
    location.assign(url)
    return
  }
  const isSamePage = url.pathname === location.pathname
  history.pushState(null, '', url)
  if (!isSamePage) scrollTo(0, 0)
  dispatchEvent(new PopStateEvent('popstate'))
}

/** The same-origin URL that a plain click follows; none with keys that open a tab, or for an anchor on this page. */
function linkIn(event: MouseEvent): URL | undefined {
  const { defaultPrevented, button, altKey, ctrlKey, metaKey, shiftKey, target } = event
  if (defaultPrevented || button !== 0 || altKey || ctrlKey || metaKey || shiftKey) return undefined
  const link = (target as Element).closest('a')
  if (!link?.href || link.target || link.download) return undefined
  const url = new URL(link.href)
  const isPlace = url.hash !== '' && url.pathname === location.pathname
  return url.origin === location.origin && !isPlace ? url : undefined
}

async function show(target: Route, isSamePage: boolean): Promise<void> {
  route.value = target
  if (!isSamePage) await focusHeading()
}

/** Screen readers announce the new view, and the keyboard continues from its heading. */
const focusHeading = async (): Promise<void> => {
  await new Promise(requestAnimationFrame)
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true })
}
