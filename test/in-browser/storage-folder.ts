/** A new folder in the browser's storage, and access to its files. */

export interface StorageFolder {
  readonly root: FileSystemDirectoryHandle
  /** The sorted paths of all files in it. */
  files(): Promise<string[]>
  /** Creates missing folders of the path. */
  write(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>
  remove(path: string): Promise<void>
  close(): Promise<void>
}

export async function openStorageFolder(name: string = crypto.randomUUID()): Promise<StorageFolder> {
  const home = await navigator.storage.getDirectory()
  const root = await home.getDirectoryHandle(name, { create: true })
  return {
    root,
    files: async () => (await Array.fromAsync(filesBelow(root))).sort(),
    async write(path, bytes) {
      const { folder, name } = await locate(root, path)
      const writable = await (await folder.getFileHandle(name, { create: true })).createWritable()
      await writable.write(bytes)
      await writable.close()
    },
    async remove(path) {
      const { folder, name } = await locate(root, path)
      await folder.removeEntry(name)
    },
    close: () => home.removeEntry(name, { recursive: true }),
  }
}

async function* filesBelow(folder: FileSystemDirectoryHandle, path = ''): AsyncGenerator<string> {
  for await (const entry of folder.values()) {
    if (entry.kind === 'file') yield path + entry.name
    else yield* filesBelow(entry, `${path}${entry.name}/`)
  }
}

async function locate(
  root: FileSystemDirectoryHandle,
  path: string,
): Promise<{ folder: FileSystemDirectoryHandle; name: string }> {
  const names = path.split('/')
  const name = names.pop()!
  let folder = root
  for (const step of names) folder = await folder.getDirectoryHandle(step, { create: true })
  return { folder, name }
}
