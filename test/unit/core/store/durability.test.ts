/** Which transactions of a push must be durable, so that a power failure loses nothing that a client was told is safe. */
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { createMemoryDisk } from '../../../../src/core/blobs/memory-disk.ts'
import type { Disk, Upload } from '../../../../src/core/blobs/ports.ts'
import type { Database } from '../../../../src/core/catalog/database.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { openStore, type Store } from '../../../../src/core/store/store.ts'
import { openSqliteInMemory } from '../../../../src/node/sqlite.ts'
import { digestOf } from '../../../support/push.ts'

const CONTENT = Buffer.from('content')
const DIGEST = digestOf(CONTENT) as Digest

let steps: ('durable' | 'not durable' | 'bytes moved')[]
let store: Store

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes.slice()
}

function recorded(disk: Disk): Disk {
  const recordedUpload = (upload: Upload): Upload =>
    new Proxy(upload, {
      get(_, key) {
        const value = Reflect.get(upload, key)
        if (key === 'commit') steps.push('bytes moved')
        return typeof value === 'function' ? value.bind(upload) : value
      },
    })
  return {
    ...disk,
    create: async (options) => recordedUpload(await disk.create(options)),
    async resume(id, options) {
      const upload = await disk.resume(id, options)
      return upload && recordedUpload(upload)
    },
  }
}

const recordedDatabase = (database: Database): Database => ({
  run: database.run,
  transaction(work, options) {
    steps.push(options?.durable === false ? 'not durable' : 'durable')
    return database.transaction(work, options)
  },
  close: () => database.close(),
})

beforeEach(async () => {
  steps = []
  store = await openStore(recorded(createMemoryDisk()), recordedDatabase(await openSqliteInMemory()))
})

it('the doubt of acknowledged bytes is durable before they are moved', async () => {
  const id = await store.uploads.start('a')
  await store.uploads.append('a', id, { bytes: once(CONTENT) })
  steps = []
  await store.uploads.finish('a', id, DIGEST)
  expect(steps).toEqual(['durable', 'bytes moved', 'durable'])
})

it('a chunk is acknowledged by a durable transaction', async () => {
  const id = await store.uploads.start('a')
  steps = []
  await store.uploads.append('a', id, { bytes: once(CONTENT) })
  expect(steps).toEqual(['durable'])
})

it('a push in one request waits for one durable transaction only', async () => {
  steps = []
  await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
  expect(steps).toEqual(['not durable', 'bytes moved', 'durable'])
})

it('a client is told of a blob that no manifest needs only after its use was recorded', async () => {
  await store.uploads.put('a', DIGEST, { bytes: once(CONTENT) })
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 })
  onTestFinished(() => void vi.useRealTimers())
  steps = []
  expect(await store.blobs.get('a', DIGEST)).toBeDefined()
  expect(steps).toEqual(['durable'])
})
