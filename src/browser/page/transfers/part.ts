/** The module of transfers, which is loaded after the view, or with the first transfer. */
import { showProgressOutside } from './overall.ts'
import { restoreTransfers } from './transfers-state.ts'

export { importFiles } from './import/import-files.ts'
export { Transfers } from './transfers.tsx'
export { startTransfer } from './transfers-state.ts'

/** Has to be called once. */
export function openTransfers(): void {
  showProgressOutside()
  restoreTransfers()
}
