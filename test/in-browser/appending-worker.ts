/**
 * A worker that begins an upload and never ends it, for tests that stop it midway. It gets the name of a folder, and posts
 * the upload's id when 1000 bytes are durable and some MiB more are being written.
 */
import { openOpfsDisk } from '../../src/browser/disk/opfs-disk.ts'
import type { Bytes } from '../../src/core/blobs/ports.ts'
import { openStorageFolder } from './storage-folder.ts'

addEventListener('message', async ({ data }: MessageEvent<string>) => {
  const { root } = await openStorageFolder(data)
  const upload = await (await openOpfsDisk(root)).create()
  await upload.append(once(new Uint8Array(1000).fill(1)))
  await upload.append(endless(() => postMessage(upload.id)))
})

async function* once(bytes: Uint8Array): Bytes & AsyncGenerator<Uint8Array> {
  yield bytes
}

async function* endless(onStall: () => void): Bytes & AsyncGenerator<Uint8Array> {
  yield new Uint8Array(8 * 1024 * 1024)
  onStall()
  await new Promise(() => {})
}
