/** The disk of browsers that can write no files, in the browser. */
import { deleteDB } from 'idb'
import { createDiskDatabase } from '../../src/browser/idb-disk/database.ts'
import { openIdbDisk } from '../../src/browser/idb-disk/idb-disk.ts'
import { describeDisk } from '../contract/disk.ts'

describeDisk('the disk in IndexedDB', async () => {
  const name = `disk-${crypto.randomUUID()}`
  const open = () => openIdbDisk(createDiskDatabase(name))
  return { disk: await open(), reopen: open, close: () => deleteDB(name) }
})
