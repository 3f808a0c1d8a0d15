/** Starts the import of files, or goes on with one whose file was asked for. What reads them is loaded with the first one. */
import type { Kind, Transfer } from '../transfer.ts'
import { newId, resume, startTransfer, transfers } from '../transfers-state.ts'
import { holdFile } from './held-files.ts'

/** A file that its user has chosen, dropped or opened. */
export interface ChosenFile {
  readonly file: File
  readonly handle?: FileSystemFileHandle | undefined
  readonly isFolder?: boolean
}

export function importFiles(chosen: readonly ChosenFile[]): void {
  askToStay()
  for (const one of chosen) {
    const waiting = transfers.peek().find((transfer) => isAskedFor(transfer, one.file))
    if (waiting) goOn(waiting, one.file)
    else startImport(one)
  }
}

/** Goes on with the import of `file`, which its user has chosen again. */
export function goOn(transfer: Transfer, file: File): void {
  holdFile(transfer.id, file)
  resume(transfer)
}

function startImport({ file, handle, isFolder }: ChosenFile): void {
  const { name: fileName, size, lastModified } = file
  const id = newId()
  holdFile(id, file)
  startTransfer('import', fileName, { fileName, size, lastModified, handle, isFolder }, id)
}

/** Also what is dropped on the page, by its name and size. */
const isAskedFor = (transfer: Transfer, file: File): boolean => {
  const phase = transfer.phase.peek()
  return isImport(transfer) && phase.is === 'paused' && phase.needs !== 'nothing' && isFileOf(transfer, file)
}

export const isImport = (transfer: Transfer<Kind>): transfer is Transfer<'import'> =>
  transfer.kind === 'import'

export const isFileOf = ({ task }: Transfer<'import'>, { name, size }: File): boolean =>
  name === task.peek().fileName && size === task.peek().size

/** Browsers may clear what a site stores; who imports here wants it to stay. The answer is shown under Storage. */
const askToStay = (): void => {
  navigator.storage?.persist?.().catch(() => false)
}
