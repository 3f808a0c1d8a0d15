/**
 * Who: another user of the same machine.
 * Tries: to read the data folder: secrets in layers, the names of private images, the key.
 * Gets: nothing. The folder belongs to its owner, even if an older version left it open.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { pushImage, startUpload } from '../../../support/push.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { pusherTo } from './greedy.ts'

const NOBODY = { uid: 65_534, gid: 65_534 }

/** What another user finds below the folder: paths of everything that they can list or read. */
async function readableTo(who: typeof NOBODY, folder: string): Promise<string> {
  const look = promisify(execFile)('find', [folder, '-mindepth', '1', '-readable'], who)
  return look.catch((error: { stdout: string }) => error).then(({ stdout }) => stdout)
}

/** A folder that others may go through, as home folders often are. */
async function openCommonFolder() {
  const folder = await openTemporaryFolder()
  await chmod(folder.path, 0o755)
  return folder
}

async function fill(data: string): Promise<void> {
  await using registry = await startRegistry({ arguments: ['--data', data], swarm: [] })
  await pushImage(pusherTo(registry), 'private/app', { tag: 'latest' })
  await startUpload(pusherTo(registry), 'private/app')
  await registry.stop()
}

it.each([
  ['a folder that the registry makes', undefined],
  ['a folder that was open to all', 0o755],
])('%s', async (_, mode) => {
  await using common = await openCommonFolder()
  const data = join(common.path, 'data')
  if (mode !== undefined) await mkdir(data, { mode })
  await fill(data)
  expect(await readableTo(NOBODY, data)).toBe('')
  expect(await modesIn(data)).toEqual(new Set(['700', '600']))
})

it('a folder that is open to a group stays so, with what is in it', async () => {
  await using common = await openCommonFolder()
  const data = join(common.path, 'data')
  await mkdir(data)
  await chmod(data, 0o750)
  await fill(data)
  expect((await stat(data)).mode & 0o777).toBe(0o750)
  expect((await stat(join(data, 'blobs/sha256'))).mode & 0o777).toBe(0o750)
  expect((await stat(join(data, 'catalog.db'))).mode & 0o777).toBe(0o640)
  expect(await readableTo(NOBODY, data)).toBe('')
})

/** Of everything in the folder, in octal; the folder itself too. */
async function modesIn(folder: string): Promise<Set<string>> {
  const names = ['.', ...(await readdir(folder, { recursive: true }))]
  const modes = names.map(async (name) => ((await stat(join(folder, name))).mode & 0o777).toString(8))
  return new Set(await Promise.all(modes))
}
