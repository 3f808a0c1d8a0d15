/** What a drop brings: files, with their handles where the browser gives them, and folders, which are told of as such. */
import type { ChosenFile } from '../transfers/import/import-files.ts'

/** `other`: of types that are never archives, as far as the browser tells while it is dragged. */
export type Dragged = 'files' | 'other'

const NO_ARCHIVE = /^(image|video|audio|text|font)\/|^application\/(pdf|json)$/

export function whatIsDragged({ items }: DataTransfer): Dragged {
  const types = [...items].filter(({ kind }) => kind === 'file').map(({ type }) => type)
  return types.length > 0 && types.every((type) => NO_ARCHIVE.test(type)) ? 'other' : 'files'
}

/** Not in the types of the web yet. */
type Item = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/** All is asked of the drop before this waits for anything: afterwards it is empty. */
export async function droppedFiles({ items }: DataTransfer): Promise<ChosenFile[]> {
  const asked = [...items].filter(({ kind }) => kind === 'file').map(take)
  return (await Promise.all(asked)).filter((chosen) => chosen !== undefined)
}

async function take(item: Item): Promise<ChosenFile | undefined> {
  const isFolder = item.webkitGetAsEntry?.()?.isDirectory ?? false
  const file = item.getAsFile()
  const handle = await item.getAsFileSystemHandle?.().catch(() => null)
  if (!file) return undefined
  return { file, isFolder, ...(handle instanceof FileSystemFileHandle && { handle }) }
}
