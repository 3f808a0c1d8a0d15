/** podman and buildah: both keep images unpacked in a containers-storage, and pack them anew for a push. */

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../support/command.ts'
import { openClientHome } from './client-home.ts'

export type Program = 'podman' | 'buildah'

export interface ContainersStorage extends AsyncDisposable {
  /** From a transport (`oci:…`) or a registry; gives the image id, which is the digest of its config. */
  pull(source: string): Promise<string>
  /** Gives the digest that the client says it has pushed. */
  push(imageId: string, reference: string): Promise<string>
  /** Pushes an index of all the platforms of `source`, made anew; gives its digest. */
  pushIndex(source: string, reference: string): Promise<string>
}

/** An empty storage; it holds its files unpacked and unshared, so it needs no privilege but space. */
export const openContainersStorage = async (program: Program): Promise<ContainersStorage> => {
  const home = await openClientHome()
  const inside = (name: string) => join(home.path, name)
  const storage = ['--root', inside('storage'), '--runroot', inside('run/storage'), '--storage-driver', 'vfs']
  const invoke = (...commandLine: string[]) => run(program, [...storage, ...commandLine], home.environment)
  const pushWith = async (commandLine: string[], source: string, reference: string) => {
    const digestFile = inside('digest')
    const options = ['-q', '--tls-verify=false', '--digestfile', digestFile]
    await invoke(...commandLine, ...options, source, `docker://${reference}`)
    return await readFile(digestFile, 'utf8')
  }
  return {
    pull: (source) => invoke('pull', '-q', '--tls-verify=false', source),
    push: (imageId, reference) => pushWith(['push'], imageId, reference),
    async pushIndex(source, reference) {
      await invoke('manifest', 'create', 'index')
      await invoke('manifest', 'add', '--all', 'index', source)
      return await pushWith(['manifest', 'push', '--all'], 'index', reference)
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  }
}
