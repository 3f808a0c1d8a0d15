/** Stops the service worker, as the browser does with one that is idle. */
import type { Page } from 'playwright'
import { debuggerOf } from '../../test/system/e2e/support/browser.ts'

/** Returns when it has stopped; the next request starts it again. */
export async function stopWorker(page: Page): Promise<void> {
  const session = await debuggerOf(page)
  const stopped = new Promise<void>((resolve) =>
    session.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
      if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve()
    }),
  )
  await session.send('ServiceWorker.stopAllWorkers')
  await stopped
  await session.detach()
}
