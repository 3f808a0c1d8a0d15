/** A disk of a few MiB that a test can fill: a separate tmpfs. */

import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../support/command.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'

export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Takes all room that is left. */
  fill(): Promise<void>
  /** Gives it back. */
  empty(): Promise<void>
  resize(mebibytes: number): Promise<void>
}

/** @throws Error where this process may not mount */
export const mountSmallDisk = async (mebibytes: number): Promise<SmallDisk> => {
  await using undo = new AsyncDisposableStack()
  const { path } = undo.use(await openTemporaryFolder())
  const mount = (options: string) => run('mount', ['-t', 'tmpfs', '-o', options, 'flotilla', path])
  await mount(`size=${mebibytes}m`).catch((cause) => {
    throw new Error(
      'The tests with a full disk mount a tmpfs: they need root, and CAP_SYS_ADMIN in a container',
      { cause },
    )
  })
  undo.defer(async () => void (await run('umount', [path])))
  const filler = join(path, 'filler')
  const resources = undo.move()
  return {
    path,
    fill: () => fillFile(filler),
    empty: () => rm(filler),
    resize: async (size) => void (await mount(`remount,size=${size}m`)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

const fillFile = async (path: string): Promise<void> => {
  for (let size = 2 ** 20; size >= 1; size /= 2) {
    while (await appended(path, Buffer.alloc(size))) {}
  }
}

const appended = async (path: string, bytes: Buffer): Promise<boolean> => {
  try {
    await writeFile(path, bytes, { flag: 'a' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false
    throw error
  }
}
