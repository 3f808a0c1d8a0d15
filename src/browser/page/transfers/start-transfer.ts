/** Starts transfers from anywhere on the page; their module is loaded after the first paint. */
import { signal } from '@preact/signals'
import type { ChosenFile } from './import/import-files.ts'
import type { Kind, Tasks } from './transfer.ts'

type TransfersModule = typeof import('./part.ts')

/** `undefined` until it has been loaded. */
export const transfersModule = signal<TransfersModule | undefined>(undefined)

/** Why it could not be loaded. */
export const transfersFailure = signal<unknown>(undefined)

let loading: Promise<TransfersModule> | undefined

export function loadTransfers(): Promise<TransfersModule> {
  loading ??= import('./part.ts').then((part) => {
    part.openTransfers()
    transfersModule.value = part
    return part
  })
  loading.catch((failure) => {
    transfersFailure.value = failure
    loading = undefined
  })
  return loading
}

/** Adds a transfer to the end of the queue, shows it and gives it the focus. */
export const startTransfer = <K extends Kind>(kind: K, title: string, task: Tasks[K]): void =>
  withPart((part) => part.startTransfer(kind, title, task))

/** @param chosen - files that the user has chosen, dropped or opened */
export const importFiles = (chosen: readonly ChosenFile[]): void =>
  withPart((part) => part.importFiles(chosen))

const withPart = (work: (part: TransfersModule) => void): void => void loadTransfers().then(work, () => {}) // the failure is shown
