/** An eviction that crashes at any step leaves disk and catalog in agreement after the next start. */
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { descriptorOf, imageOf, indexOf } from '../../../support/push.ts'
import { putManifest, receiveBlob, receiveManifest } from '../../../support/remote-blobs.ts'

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')

/** More steps than the eviction takes; the last ones crash after it. */
const MAX_STEPS = 60

class Crash extends Error {}

/** Parts of which every change counts as a step; from step `last` on nothing happens any more. */
function crashing(disk: Disk, database: Database, last: () => number) {
  let steps = 0
  const step = () => {
    if (steps++ >= last()) throw new Crash('the power has gone')
  }
  const crashingDisk: Disk = {
    get: disk.get,
    create: disk.create,
    resume: disk.resume,
    list: disk.list,
    uploads: disk.uploads,
    async delete(digest) {
      step()
      return disk.delete(digest)
    },
  }
  const crashingDatabase: Database = {
    run: database.run,
    async transaction(work, options) {
      step()
      return database.transaction(work, options)
    },
    close: () => database.close(),
  }
  return { disk: crashingDisk, database: crashingDatabase, steps: () => steps }
}

async function fill(store: Store): Promise<{ pushed: Digest; kept: Digest }> {
  const shared = await receiveBlob(store, 'a', 'shared')
  const image = await receiveManifest(
    store,
    'a',
    imageOf(CONFIG, [shared, await receiveBlob(store, 'a', 'one')]),
  )
  await receiveManifest(store, 'a', indexOf([image]))
  await receiveManifest(store, 'a', {
    ...imageOf(CONFIG, [await receiveBlob(store, 'a', 'sig')]),
    subject: image,
  })
  await receiveBlob(store, 'b', 'loose')
  const pushed = await putManifest(store, 'a', imageOf(CONFIG, [shared]))
  const kept = await receiveManifest(store, 'b', imageOf(CONFIG, [await receiveBlob(store, 'b', 'kept')]))
  await store.eviction.keep('b', kept.digest as Digest)
  return { pushed: pushed.digest as Digest, kept: kept.digest as Digest }
}

const rows = async (database: Database): Promise<string[]> =>
  (await database.run<{ digest: string }>('SELECT digest FROM blobs')).map(({ digest }) => digest)

describe('an eviction that crashes', () => {
  it.each(Array.from({ length: MAX_STEPS }, (_, step) => step))(
    'leaves agreement: at step %i',
    async (step) => {
      vi.useFakeTimers({ toFake: ['Date'] })
      const disk = createMemoryDisk()
      const database = await openSqliteInMemory()
      onTestFinished(async () => {
        vi.useRealTimers()
        await database.close()
      })
      let last = Number.POSITIVE_INFINITY
      const parts = crashing(disk, database, () => last)
      const before = await openStore(parts.disk, parts.database)
      const { pushed, kept } = await fill(before)
      vi.setSystemTime(Date.now() + 120_000)
      last = parts.steps() + step
      await before.eviction.evict({ to: 0 }).catch((error) => expect(error).toBeInstanceOf(Crash))

      const after = await openStore(disk, database)
      expect(new Set(await Array.fromAsync(disk.list()))).toEqual(new Set(await rows(database)))
      expect(await after.catalog.blobs.doubts()).toEqual([])
      await after.eviction.evict({ to: 0 })
      expect(await after.manifests.find('a', { digest: pushed })).toBeDefined()
      expect(await after.manifests.find('b', { digest: kept })).toBeDefined()
      const left = ['shared', 'kept'].map((content) => descriptorOf(content, '').digest)
      expect((await rows(database)).toSorted()).toEqual([...left, pushed, kept].toSorted())
      expect(new Set(await Array.fromAsync(disk.list()))).toEqual(new Set(await rows(database)))
      await after.eviction.close()
    },
  )
})
