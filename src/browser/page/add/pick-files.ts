/**
 * The picker that gives handles, where the browser has it: by a handle, an import goes on after a reload without its
 * file being chosen again.
 *
 * @see https://developer.mozilla.org/en-US/docs/Web/API/Window/showOpenFilePicker
 */
import type { ChosenFile } from '../transfers/import/import-files.ts'

/** Not in the types of the web yet. */
interface FilePicker {
  showOpenFilePicker?(options: { readonly multiple: true }): Promise<FileSystemFileHandle[]>
}

let isRefused = false

/** Takes the place of the input's own picker; where it is refused, as by a policy, that one opens after all. */
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
    setTimeout(() => input.click()) // the click that asked may not be over yet
  }
}

/** The user has closed it without a choice. */
const isDismissal = (error: unknown): boolean =>
  error instanceof DOMException && error.name === 'AbortError' && /user/i.test(error.message)
