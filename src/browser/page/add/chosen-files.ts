/** Files that the user has dropped, picked, or opened with the installed app, with their handles where browsers have them. */
import type { ChosenFile } from '../transfers/import/import-files.ts'
import { importFiles } from '../transfers/start-transfer.ts'

/** `other`: only files whose type is never an archive, as far as browsers tell during a drag. */
export type Dragged = 'files' | 'other'

const NO_ARCHIVE = /^(image|video|audio|text|font)\/|^application\/(pdf|json)$/

export function whatIsDragged({ items }: DataTransfer): Dragged {
  const types = [...items].filter(({ kind }) => kind === 'file').map(({ type }) => type)
  return types.length > 0 && types.every((type) => NO_ARCHIVE.test(type)) ? 'other' : 'files'
}

/** TypeScript's DOM types do not have it yet. */
type Item = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/** Reads everything before the first `await`, because the `DataTransfer` is empty afterwards. */
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

/** TypeScript's DOM types do not have it yet. */
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

/** TypeScript's DOM types do not have it yet. */
interface FilePicker {
  showOpenFilePicker?(options: { readonly multiple: true }): Promise<FileSystemFileHandle[]>
}

let isRefused = false

/** Replaces the input's own picker, which opens if this one is rejected, for example by a policy. */
export async function pickFiles(
  event: MouseEvent,
  take: (chosen: readonly ChosenFile[]) => void,
): Promise<void> {
  const picker = (globalThis as FilePicker).showOpenFilePicker
  if (!picker || isRefused) return
  const input = event.currentTarget as HTMLInputElement
  event.preventDefault()
  try {
    const handles = await picker.call(globalThis, { multiple: true })
    take(await Promise.all(handles.map(async (handle) => ({ handle, file: await handle.getFile() }))))
  } catch (error) {
    if (isDismissal(error)) return
    isRefused = true
    setTimeout(() => input.click()) // after the current click event
  }
}

/** Whether the user has closed the picker without a choice. */
const isDismissal = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError' && /user/i.test(error.message)
