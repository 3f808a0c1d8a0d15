/** The page's entry: draws at once over the shell in index.html, then wakes the registry and the tab's peer. */
import '../engine/streams.ts'
import { render } from 'preact'
import { takeLaunchedFiles } from './add/launched-files.ts'
import { tellChange } from './changes-state.ts'
import { Frame } from './frame/frame.tsx'
import { ready } from './registry.ts'
import { startRouting } from './route-state.ts'
import { loadTransfers } from './transfers/start-transfer.ts'

startRouting()
render(<Frame />, document.getElementById('page')!)
takeLaunchedFiles()
// Other tabs may have changed things meanwhile.
document.addEventListener('visibilitychange', () => document.hidden || tellChange())
ready().then(
  () => loadTransfers().catch(() => {}), // the frame tells
  () => {}, // the notices tell
)
ready().then(
  () => startPeer().catch((error) => console.error('this tab has no peer', error)), // the registry works without
  () => {}, // the notices tell
)

async function startPeer(): Promise<void> {
  const { startTab } = await import('../tab/start.ts')
  startTab()
}
