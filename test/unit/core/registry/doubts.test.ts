/** What the catalog has to remember of a digest only while its blob comes or goes. */
import { expect, it } from 'vitest'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, startUpload } from '../../../support/push.ts'

it('a deleted blob is not in doubt', async () => {
  await using registry = await openInMemoryRegistry()
  const { digest } = await pushBlob(registry, 'a', 'content')
  expect((await registry.fetch('DELETE', `/v2/a/blobs/${digest}`)).status).toBe(202)
  expect(await registry.store.catalog.blobs.doubts()).toEqual([])
})

it('an upload whose digest was wrong leaves none in doubt', async () => {
  await using registry = await openInMemoryRegistry()
  const location = await startUpload(registry, 'a')
  const path = `${location}?digest=${digestOf('hello world')}`
  expect((await registry.fetch('PUT', path, { body: 'hello' })).status).toBe(400)
  expect(await registry.store.catalog.blobs.doubts()).toEqual([])
})
