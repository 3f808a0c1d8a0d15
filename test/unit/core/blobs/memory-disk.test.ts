import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import { describeDisk } from '../../../contract/disk.ts'

describeDisk('the memory disk', async () => {
  const disk = createMemoryDisk()
  return { disk, reopen: async () => disk, close: async () => {} }
})
