/** The page's entry: renders at once over the shell in index.html, and starts the rest after the registry's first response. */
import '../engine/streams.ts'
import { render } from 'preact'
import { takeLaunchedFiles } from './add/chosen-files.ts'
import { App } from './app/app.tsx'
import { startRouting } from './navigation.ts'
import { firstResponse } from './requests/request.ts'
import { invalidate } from './requests/use-query.ts'
import { loadTransfers } from './transfers/start-transfer.ts'

startRouting()
render(<App />, document.getElementById('page')!)
takeLaunchedFiles()
// Other tabs may have changed things meanwhile.
document.addEventListener('visibilitychange', () => document.hidden || invalidate())
firstResponse.then(() => {
  loadTransfers().catch(() => {}) // the app shows it
  startPeer().catch((error) => console.error('this tab has no peer', error)) // the registry works without it
})

async function startPeer(): Promise<void> {
  const { startTab } = await import('../tab/start.ts')
  startTab()
}
