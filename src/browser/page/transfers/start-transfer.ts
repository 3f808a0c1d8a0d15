/** Starts transfers from anywhere on the page, without being in the way of its first paint. */
import { signal } from '@preact/signals'
import type { ChosenFile } from './import/import-files.ts'
import type { Kind, Tasks } from './transfer.ts'

type Part = typeof import('./part.ts')

/** `undefined` until it is loaded. */
export const transfersPart = signal<Part | undefined>(undefined)

/** Why it could not be loaded. */
export const transfersFailure = signal<unknown>(undefined)

let loading: Promise<Part> | undefined

export function loadTransfers(): Promise<Part> {
  loading ??= import('./part.ts').then((part) => {
    part.openTransfers()
    transfersPart.value = part
    return part
  })
  loading.catch((failure) => {
    transfersFailure.value = failure
    loading = undefined
  })
  return loading
}

/** Puts a transfer at the end of the line; its user is led to it. */
export const startTransfer = <K extends Kind>(kind: K, title: string, task: Tasks[K]): void =>
  withPart((part) => part.startTransfer(kind, title, task))

/** Files that their user has chosen, dropped or opened. */
export const importFiles = (chosen: readonly ChosenFile[]): void =>
  withPart((part) => part.importFiles(chosen))

const withPart = (work: (part: Part) => void): void => void loadTransfers().then(work, () => {}) // the failure is shown
