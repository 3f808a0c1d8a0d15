/** The page's entry: draws at once over the shell in index.html, and when the registry has answered starts the rest. */
import '../engine/streams.ts'
import { render } from 'preact'
import { takeLaunchedFiles } from './add/launched-files.ts'
import { tellChange } from './changes-state.ts'
import { Frame } from './frame/frame.tsx'
import { firstAnswer } from './requests/request.ts'
import { startRouting } from './route-state.ts'
import { loadTransfers } from './transfers/start-transfer.ts'

startRouting()
render(<Frame />, document.getElementById('page')!)
takeLaunchedFiles()
// Other tabs may have changed things meanwhile.
document.addEventListener('visibilitychange', () => document.hidden || tellChange())
firstAnswer.then(() => {
  loadTransfers().catch(() => {}) // the frame tells
  startPeer().catch((error) => console.error('this tab has no peer', error)) // the registry works without
})

async function startPeer(): Promise<void> {
  const { startTab } = await import('../tab/start.ts')
  startTab()
}
