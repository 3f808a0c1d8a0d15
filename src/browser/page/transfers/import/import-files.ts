/** Starts the import of files, or resumes an import whose file was asked for. */
import type { Kind, Transfer } from '../transfer.ts'
import { newId, resume, startTransfer, transfers } from '../transfers-state.ts'
import { rememberFile } from './held-files.ts'

/** A file that the user has chosen, dropped or opened. */
export interface ChosenFile {
  readonly file: File
  readonly handle?: FileSystemFileHandle | undefined
  readonly isFolder?: boolean
}

export function importFiles(chosen: readonly ChosenFile[]): void {
  askToStay()
  for (const one of chosen) {
    const waiting = transfers.peek().find((transfer) => isAskedFor(transfer, one.file))
    if (waiting) resumeWith(waiting, one.file)
    else startImport(one)
  }
}

/** Resumes the import of a file that the user has chosen again. */
export function resumeWith(transfer: Transfer, file: File): void {
  rememberFile(transfer.id, file)
  resume(transfer)
}

function startImport({ file, handle, isFolder }: ChosenFile): void {
  const { name: fileName, size, lastModified } = file
  const id = newId()
  rememberFile(id, file)
  startTransfer('import', fileName, { fileName, size, lastModified, handle, isFolder }, id)
}

/** Whether the import waits for this file, by its name and size. */
const isAskedFor = (transfer: Transfer, file: File): boolean => {
  const phase = transfer.phase.peek()
  return isImport(transfer) && phase.is === 'paused' && phase.needs !== 'nothing' && isFileOf(transfer, file)
}

export const isImport = (transfer: Transfer<Kind>): transfer is Transfer<'import'> =>
  transfer.kind === 'import'

export const isFileOf = ({ task }: Transfer<'import'>, { name, size }: File): boolean =>
  name === task.peek().fileName && size === task.peek().size

/** Asks the browser not to clear the site's storage, because imported images should stay. Storage shows the result. */
const askToStay = (): void => {
  navigator.storage?.persist?.().catch(() => false)
}
