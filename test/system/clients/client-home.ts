/** A separate home for the clients of one test: what skopeo, podman and buildah remember stays in it and is removed with it. */

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts'

export interface ClientHome extends TemporaryFolder {
  readonly environment: NodeJS.ProcessEnv
}

export const openClientHome = async (): Promise<ClientHome> => {
  const folder = await openTemporaryFolder()
  const inside = (name: string) => join(folder.path, name)
  for (const name of ['run', 'tmp']) await mkdir(inside(name), { mode: 0o700 })
  await writeFile(inside('auth.json'), '{}')
  const environment = {
    ...process.env,
    HOME: folder.path,
    XDG_CONFIG_HOME: inside('config'),
    XDG_DATA_HOME: inside('data'),
    XDG_RUNTIME_DIR: inside('run'),
    TMPDIR: inside('tmp'),
    REGISTRY_AUTH_FILE: inside('auth.json'),
    // Only for rootless users is the cache of known blobs in the home; for root it is the machine's.
    _CONTAINERS_ROOTLESS_UID: '65534',
  }
  return { ...folder, environment }
}
