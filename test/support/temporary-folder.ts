/** A folder for one test, removed with the scope that opened it. */

import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

export const openTemporaryFolder = async (): Promise<TemporaryFolder> => {
  // Unlike mkdtemp, in lower case only: podman derives image names from the paths of layouts.
  const path = join(tmpdir(), `flotilla-${randomBytes(8).toString('hex')}`)
  await mkdir(path, { mode: 0o700 })
  const remove = () => rm(path, { recursive: true, force: true, maxRetries: 5 })
  return { path, [Symbol.asyncDispose]: remove }
}
