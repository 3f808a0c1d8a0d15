/** What a worker or a browser that was stopped at any moment left half done, and nobody can go on with. */
import { isUploadFolder, readParts } from './parts.ts'

type Folder = FileSystemDirectoryHandle

/** Of the uploads only closed parts stay, without a gap. What another context still writes is locked, and stays too. */
export async function sweep(uploads: Folder, temporary: Folder): Promise<void> {
  for await (const name of temporary.keys()) await remove(temporary, name)
  for await (const entry of uploads.values()) {
    const isWanted = isUploadFolder(entry) && (await sweepUpload(entry))
    if (!isWanted) await remove(uploads, entry.name)
  }
}

/** `false` where nothing is left. */
async function sweepUpload(folder: Folder): Promise<boolean> {
  const parts = new Set((await readParts(folder)).map(({ handle }) => handle.name))
  for await (const name of folder.keys()) if (!parts.has(name)) await remove(folder, name)
  return parts.size > 0
}

const remove = (folder: Folder, name: string): Promise<void> =>
  folder.removeEntry(name, { recursive: true }).catch(() => {})
