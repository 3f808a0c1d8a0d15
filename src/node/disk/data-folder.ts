/**
 * The data folder is for its owner: layers, their secrets and the peer's key lie in it. Nobody else gets past the folder
 * itself, so what older versions left below it need not be changed.
 */
import { chmod, mkdir, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Log } from '../../core/log.ts'

/** Permissions for what is made in the folder, whatever the umask lets through. */
export interface Modes {
  readonly folder: number
  readonly file: number
}

export const OWNER_ONLY: Modes = { folder: 0o700, file: 0o600 }

/** Bits of a folder's mode by which those who are neither owner nor of its group get in. */
const OTHERS = 0o007

/**
 * Makes the folder, or closes one that is there and open to everybody, as the usual umask leaves them. One that is open to
 * its group alone was made so by somebody, and stays so, with all that is made in it.
 */
export async function openDataFolder(path: string, log: Log): Promise<Modes> {
  await makeFolder(resolve(path))
  const { mode, uid } = await stat(path)
  if ((mode & OTHERS) === 0) return modesOf(mode)
  if (process.getuid === undefined) return OWNER_ONLY // no such permissions here
  try {
    if (uid !== process.getuid()) throw new Error('it belongs to another user')
    await chmod(path, OWNER_ONLY.folder)
  } catch (error) {
    const reason = (error as Error).message
    log.warn('other users of this machine may look into the data folder', { path, reason })
  }
  return OWNER_ONLY
}

/** Node's own way to make the folders above it too tries for ever where none can be made, as in `/proc`. */
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

/** Files are open to whom the folder is open. */
const modesOf = (folder: number): Modes => ({ folder: folder & 0o770, file: folder & 0o660 })
