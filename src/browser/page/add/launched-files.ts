/**
 * Archives that the system opens with the page, where it is installed as an app.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/API/LaunchQueue
 */
import { importFiles } from '../transfers/start-transfer.ts'

/** Not in the types of the web yet. */
interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void
}

export function takeLaunchedFiles(): void {
  const { launchQueue } = globalThis as { readonly launchQueue?: LaunchQueue }
  launchQueue?.setConsumer(async ({ files }) => {
    const chosen = files.map(async (handle) => ({ handle, file: await handle.getFile() }))
    if (chosen.length > 0) importFiles(await Promise.all(chosen))
  })
}
