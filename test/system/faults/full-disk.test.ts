import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { MIB } from '../../support/bytes.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import {
  blobPath,
  type Client,
  chunkAt,
  createClient,
  manifestPath,
  pushBlob,
  pushManifest,
  receivedIn,
  startUpload,
} from './client.ts'
import { blobOf, manifestOf } from './content.ts'
import { expectTidy, uploadFiles } from './data-folder.ts'
import { expectStorageRefusal, refusalOf } from './refusal.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'
import { contentAt } from './verify.ts'

const REPOSITORY = 'faults/full'

/** Pushed while there is room, and still there at the end. */
const kept = blobOf('kept', 2 * MIB)
const image = manifestOf(kept, [kept])
const large = blobOf('large', 8 * MIB)

const environment = { REGISTRY_STORAGE_DELETE_ENABLED: 'true', REGISTRY_LOG_ACCESSLOG_DISABLED: 'true' }

/** A registry on a disk of 8 MiB that holds an image. */
const openRegistry = async (): Promise<{ disk: SmallDisk; registry: RegistryProcess; client: Client }> => {
  const disk = await mountSmallDisk(8)
  const registry = await startRegistry({ data: join(disk.path, 'data'), environment })
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]()
    await disk[Symbol.asyncDispose]()
  })
  const client = createClient(() => registry.url)
  await pushBlob(client, REPOSITORY, kept)
  await pushManifest(client, REPOSITORY, 'kept', image)
  return { disk, registry, client }
}

const expectService = async (client: Client): Promise<void> => {
  await client.expect(200, 'GET', '/v2/')
  expect(await contentAt(client, blobPath(REPOSITORY, kept.digest))).toBe(kept.digest)
  expect(await contentAt(client, manifestPath(REPOSITORY, 'kept'))).toBe(image.digest)
}

const expectTidyEnd = async (registry: RegistryProcess): Promise<void> => {
  expect(await registry.stop()).toBe(0)
  await expectTidy(registry.data)
}

test('a blob that does not fit is refused, and accepted once there is space', async () => {
  const { disk, registry, client } = await openRegistry()
  const push = () => pushBlob(client, REPOSITORY, large)

  for (let turn = 0; turn < 3; turn++) {
    expectStorageRefusal(await refusalOf(push()), 507)
    expect(await uploadFiles(registry.data)).toEqual([])
    expect(await contentAt(client, blobPath(REPOSITORY, large.digest))).toBeUndefined()
    await expectService(client)
  }

  await disk.resize(20)
  await push()
  expect(await contentAt(client, blobPath(REPOSITORY, large.digest))).toBe(large.digest)
  await expectTidyEnd(registry)
})

test('deleting frees space', async () => {
  const { registry, client } = await openRegistry()
  const old = blobOf('old', 4 * MIB)
  const next = blobOf('next', 4 * MIB)
  await pushBlob(client, REPOSITORY, old)
  expectStorageRefusal(await refusalOf(pushBlob(client, REPOSITORY, next)), 507)
  await client.expect(202, 'DELETE', blobPath(REPOSITORY, old.digest))
  await pushBlob(client, REPOSITORY, next)
  await expectService(client)
  await expectTidyEnd(registry)
})

test.each(['PATCH', 'PUT'])('an upload goes on where the room ended in a %s', async (method) => {
  const { disk, registry, client } = await openRegistry()
  const path = await startUpload(client, REPOSITORY)
  const begun = MIB
  await client.expect(202, 'PATCH', path, chunkAt(0, large.bytes.slice(0, begun)))
  const query = method === 'PUT' ? `?digest=${large.digest}` : ''
  const rest = chunkAt(begun, large.bytes.slice(begun))
  expectStorageRefusal(await refusalOf(client.expect(202, method, path + query, rest)), 507)
  await expectService(client)

  await disk.resize(20)
  const received = receivedIn(await client.expect(204, 'GET', path))
  expect(received).toBeGreaterThanOrEqual(begun)
  await client.expect(
    201,
    'PUT',
    `${path}?digest=${large.digest}`,
    chunkAt(received, large.bytes.slice(received)),
  )
  await expectTidyEnd(registry)
})

test('an upload that fills the disk can be cancelled', async () => {
  const { registry, client } = await openRegistry()
  const path = await startUpload(client, REPOSITORY)
  expectStorageRefusal(await refusalOf(client.expect(202, 'PATCH', path, { body: large.bytes })), 507)
  await client.expect(204, 'DELETE', path)
  expect(await uploadFiles(registry.data)).toEqual([])
  await pushBlob(client, REPOSITORY, blobOf('after', 4 * MIB))
  await expectTidyEnd(registry)
})

test.each([
  ['the bytes of a manifest', 'new', manifestOf(kept, [kept, kept])],
  ['the row of a tag', 'new', image],
])('without room for %s, nothing of it is seen', async (_, tag, manifest) => {
  const { disk, registry, client } = await openRegistry()
  await disk.fill()
  expectStorageRefusal(await refusalOf(pushManifest(client, REPOSITORY, tag, manifest)), 507)
  expectStorageRefusal(await refusalOf(startUpload(client, REPOSITORY)), 507)
  expect(await contentAt(client, manifestPath(REPOSITORY, tag))).toBeUndefined()
  await expectService(client)

  await disk.empty()
  await pushManifest(client, REPOSITORY, tag, manifest)
  expect(await contentAt(client, manifestPath(REPOSITORY, tag))).toBe(manifest.digest)
  await expectTidyEnd(registry)
})

test('a registry that was killed on a full disk starts again once there is space', async () => {
  const { disk, registry, client } = await openRegistry()
  await disk.fill()
  expectStorageRefusal(await refusalOf(pushBlob(client, REPOSITORY, large)), 507)
  await registry.kill()
  await disk.empty()
  await registry.restart()
  await expectService(client)
  await expectTidyEnd(registry)
})
