/** A registry in a page with a bridge before it, for programs that need no more than its address. */
import type { Page } from 'playwright'
import { type Bridge, openBridge } from './bridge.ts'
import { openBrowser } from './browser.ts'
import { servePage } from './site.ts'

export interface BridgedPage extends AsyncDisposable {
  readonly page: Page
  readonly bridge: Bridge
  /** Of the bridge. */
  readonly host: string
}

export async function openBridgedPage(): Promise<BridgedPage> {
  await using opened = new AsyncDisposableStack()
  const site = opened.use(await servePage())
  const browser = opened.use(await openBrowser())
  const bridge = opened.use(await openBridge())
  const page = await browser.open(site.url)
  await bridge.connect(page)
  const resources = opened.move()
  return { page, bridge, host: bridge.host, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
