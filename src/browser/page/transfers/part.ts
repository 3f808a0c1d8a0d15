/** All of transfers as one part of the page, which is loaded once the page is drawn, or with the first transfer. */
import { showProgressOutside } from './attention.ts'
import { restoreTransfers } from './transfers-state.ts'

export { importFiles } from './import/import-files.ts'
export { Transfers } from './transfers.tsx'
export { startTransfer } from './transfers-state.ts'

/** To be called once. */
export function openTransfers(): void {
  showProgressOutside()
  restoreTransfers()
}
