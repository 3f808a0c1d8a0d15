/**
 * Archives that the system opens with the page, where it is installed as an app.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/API/LaunchQueue
 */
import { pushFiles } from '../transfers/push.ts'

/** Not in the types of the web yet. */
interface LaunchQueue {
  setConsumer(consumer: (launch: { readonly files: readonly FileSystemFileHandle[] }) => void): void
}

export function takeLaunchedFiles(): void {
  const { launchQueue } = globalThis as { readonly launchQueue?: LaunchQueue }
  launchQueue?.setConsumer(async ({ files }) => {
    if (files.length > 0) pushFiles(await Promise.all(files.map((file) => file.getFile())))
  })
}
