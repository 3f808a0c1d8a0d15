import { expect, it } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'

const DIGEST = `sha256:${'a'.repeat(64)}` as Digest

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.slice()
}

it('a download that is kept replaces the one that was kept before', async () => {
  const disk = createMemoryDisk()
  const { downloads } = await openStore(disk, await openSqliteInMemory())
  const first = await downloads.begin(DIGEST, { isResumable: true })
  await first.append(once(Buffer.from('first')))
  await downloads.keep(DIGEST, first)
  const second = await downloads.begin(DIGEST, { isResumable: false })
  await second.append(once(Buffer.from('second')))
  await downloads.keep(DIGEST, second)
  expect(await Array.fromAsync(disk.uploads())).toEqual([second.id])
  expect((await downloads.resume(DIGEST))?.size).toBe(6)
})
