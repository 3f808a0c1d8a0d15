/** containerd with its command line ctr: a separate daemon with an empty content store. */

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { digestsIn, type StoredImage } from '../../fixtures/stored-image.ts'
import { startChild } from '../../support/child-process.ts'
import { run } from '../../support/command.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'

export interface Containerd extends AsyncDisposable {
  /** Takes a layout into the content store, each of its tags under `repository` (`HOST/NAME`). */
  import(image: StoredImage, repository: string): Promise<void>
  /** With all platforms, and with as many uploads at a time as there are layers. */
  push(reference: string): Promise<void>
  /** With all platforms, into the content store, without unpacking. */
  pull(reference: string): Promise<void>
  /** Gives a second name to an image. */
  tag(reference: string, another: string): Promise<void>
  /** The digests of all that the content store holds, sorted. */
  digests(): Promise<string[]>
}

export const startContainerd = async (): Promise<Containerd> => {
  await using undo = new AsyncDisposableStack()
  const folder = undo.use(await openTemporaryFolder())
  const inside = (name: string) => join(folder.path, name)
  const socket = inside('containerd.sock')
  await writeFile(inside('config.toml'), configuration(folder.path, socket))
  const daemon = startChild('containerd', ['--config', inside('config.toml')])
  undo.defer(async () => void (await daemon.end('SIGTERM')))
  await daemon.waitFor(/containerd successfully booted/)

  const ctr = (...commandLine: string[]) => run('ctr', ['--address', socket, ...commandLine])
  const resources = undo.move()
  return {
    async import(image, repository) {
      const archive = inside('layout.tar')
      await run('tar', ['-C', image.folder, '-cf', archive, '.'])
      await ctr('images', 'import', '--all-platforms', '--no-unpack', '--base-name', repository, archive)
    },
    async push(reference) {
      await ctr('images', 'push', '--plain-http', reference)
    },
    async pull(reference) {
      await ctr('content', 'fetch', '--plain-http', '--all-platforms', reference)
    },
    async tag(reference, another) {
      await ctr('images', 'tag', reference, another)
    },
    digests: () => digestsIn(inside('root/io.containerd.content.v1.content/blobs/sha256')),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** The plugins left out are not needed for content, and some would touch folders of the machine. */
const configuration = (folder: string, socket: string): string => `
version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = [
  "io.containerd.grpc.v1.cri",
  "io.containerd.internal.v1.opt",
  "io.containerd.snapshotter.v1.aufs",
  "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs",
]

[grpc]
address = "${socket}"
`
