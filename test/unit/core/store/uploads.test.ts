import { expect, it } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'

it('a request for another repository does not interrupt the writer of an upload', async () => {
  const store = await openStore(createMemoryDisk(), await openSqliteInMemory())
  const id = await store.uploads.start('a')
  const rest = Promise.withResolvers<Uint8Array>()
  const begun = Promise.withResolvers<void>()
  async function* bytes() {
    yield Buffer.from('con')
    begun.resolve()
    yield await rest.promise
  }
  const appended = store.uploads.append('a', id, { bytes: bytes() })
  await begun.promise
  await expect(store.uploads.cancel('b', id)).rejects.toMatchObject({ code: 'BLOB_UPLOAD_UNKNOWN' })
  rest.resolve(Buffer.from('tent'))
  expect(await appended).toBe(7)
})

it('an upload can be finished again after the catalog failed', async () => {
  const database = await openSqliteInMemory()
  let isFailing = false
  const transaction: typeof database.transaction = (work, options) =>
    isFailing ? Promise.reject(new Error('disk I/O error')) : database.transaction(work, options)
  const store = await openStore(createMemoryDisk(), {
    run: database.run,
    transaction,
    close: () => database.close(),
  })
  const id = await store.uploads.start('a')
  const bytes = Buffer.from('content')
  await store.uploads.append('a', id, { bytes: new Blob([bytes]).stream() })
  isFailing = true
  await expect(store.uploads.finish('a', id, digestOf(bytes) as Digest)).rejects.toThrow('disk I/O error')
  isFailing = false
  await store.uploads.finish('a', id, digestOf(bytes) as Digest)
  expect(await store.blobs.get('a', digestOf(bytes) as Digest)).toBeDefined()
})
