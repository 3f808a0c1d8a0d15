/** The disk of the browser, in the browser. */
import { openOpfsDisk } from '../../src/browser/disk/opfs-disk.ts'
import { describeDisk } from '../contract/disk.ts'

describeDisk('the OPFS disk', async () => {
  const home = await navigator.storage.getDirectory()
  const name = `disk-${crypto.randomUUID()}`
  const root = await home.getDirectoryHandle(name, { create: true })
  return {
    disk: await openOpfsDisk(root),
    reopen: () => openOpfsDisk(root),
    close: () => home.removeEntry(name, { recursive: true }),
  }
})
