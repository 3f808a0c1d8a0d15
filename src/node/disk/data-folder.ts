/**
 * The data folder is private, because it holds layers with their secrets and the peer's key. Other users can't enter the
 * folder itself, so permissions of older files in it need no change.
 */
import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Log } from '../../core/log.ts'

/** Permissions for new files and folders; the umask may restrict them further. */
export interface Modes {
  readonly folder: number
  readonly file: number
}

export const OWNER_ONLY: Modes = { folder: 0o700, file: 0o600 }

/** Permission bits for users who are neither the owner nor in the group. */
const OTHERS = 0o007

/**
 * Makes the folder, or makes an existing one private if other users can enter it, as the usual umask allows. A folder that
 * is open to its group was made so on purpose and stays so; new files in it get the same permissions.
 */
export async function openDataFolder(path: string, log: Log): Promise<Modes> {
  await makeFolder(resolve(path))
  const { mode, uid } = await stat(path)
  if ((mode & OTHERS) === 0) return modesOf(mode)
  if (process.getuid === undefined) return OWNER_ONLY // Windows has no such permissions
  try {
    if (uid !== process.getuid()) throw new Error('it belongs to another user')
    await chmod(path, OWNER_ONLY.folder)
  } catch (error) {
    const reason = (error as Error).message
    log.warn('other users of this machine can read the data folder: its permissions could not be changed', {
      path,
      reason,
    })
  }
  return OWNER_ONLY
}

/** Node's `recursive: true` never ends where no folder can be made, as in `/proc`. */
async function makeFolder(path: string): Promise<void> {
  const make = () => mkdir(path, OWNER_ONLY.folder)
  try {
    await make()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    await makeFolder(dirname(path))
    await make()
  }
}

/** Files get the permissions of the folder. */
const modesOf = (folder: number): Modes => ({ folder: folder & 0o770, file: folder & 0o660 })
