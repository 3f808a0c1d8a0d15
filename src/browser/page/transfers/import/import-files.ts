/** Takes archives to push. What reads them is loaded with the first one. */
import { startTransfer } from './transfers-state.ts'

export const pushFiles = (files: readonly File[]): void => {
  askToStay()
  for (const file of files)
    startTransfer('push', file.name, async (transfer, signal) => {
      const { pushFile } = await import('./push-file.ts')
      return await pushFile(file, transfer, signal)
    })
}

/** Browsers may clear what a site stores; who pushes here wants it to stay. The answer is shown under Storage. */
const askToStay = (): void => {
  navigator.storage?.persist?.().catch(() => false)
}
