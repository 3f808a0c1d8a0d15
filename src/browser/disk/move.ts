/**
 * Gives a file another place in one step. Apart because TypeScript does not know it yet, though all browsers do.
 *
 * @see https://github.com/whatwg/fs/pull/10
 */

interface Movable {
  move(folder: FileSystemDirectoryHandle, name: string): Promise<void>
}

/** What stood in the place before is gone. `file` is the file in its new place. */
export const move = (
  file: FileSystemFileHandle,
  folder: FileSystemDirectoryHandle,
  name: string,
): Promise<void> => (file as FileSystemFileHandle & Movable).move(folder, name)
