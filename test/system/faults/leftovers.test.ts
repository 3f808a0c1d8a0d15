import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { PATIENCE } from '../../support/patience.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import {
  blobPath,
  type Client,
  chunkAt,
  createClient,
  manifestPath,
  pushBlob,
  receivedIn,
  startUpload,
} from './client.ts'
import { type Blob, blobOf, manifestOf } from './content.ts'
import { expectTidy, sessionsIn, uploadFiles } from './data-folder.ts'
import { beginRequest, type PartialRequest } from './partial-request.ts'
import { contentAt } from './verify.ts'

const REPOSITORY = 'faults/leftovers'
const SIZE = 2 * 2 ** 20
/** Enough for the registry to have some of it on its disk while the request goes on. */
const BEGUN = SIZE / 2

/** The ways in which a client goes before it has sent all that it promised. */
const EXITS = ['end', 'cut'] as const

let registry: RegistryProcess
let client: Client

beforeAll(async () => {
  registry = await startRegistry({ environment: { REGISTRY_LOG_ACCESSLOG_DISABLED: 'true' } })
  client = createClient(() => registry.url)
})

/** After all the tests below. */
afterAll(async () => {
  expect(await registry.stop()).toBe(0)
  await expectTidy(registry.data)
  expect(sessionsIn(registry.data)).toEqual([])
  expect(await uploadFiles(registry.data)).toEqual([])
  await registry[Symbol.asyncDispose]()
})

const expectNoFiles = () =>
  vi.waitFor(async () => expect(await uploadFiles(registry.data)).toEqual([]), PATIENCE)

const expectPulled = async (blob: Blob): Promise<void> =>
  expect(await contentAt(client, blobPath(REPOSITORY, blob.digest))).toBe(blob.digest)

const expectUnknown = async (blob: Blob): Promise<void> =>
  expect(await contentAt(client, blobPath(REPOSITORY, blob.digest))).toBeUndefined()

/** A request that has sent `BEGUN` of the blob's bytes, some of which have come to the registry's disk. */
const beginPush = async (method: string, path: string, { bytes }: Blob): Promise<PartialRequest> => {
  const request = await beginRequest(registry.url, method, path, bytes.length)
  await request.send(bytes.subarray(0, BEGUN))
  await vi.waitFor(async () => {
    const [file] = await uploadFiles(registry.data)
    expect((await stat(join(registry.data, 'uploads', file!))).size).toBeGreaterThan(0)
  }, PATIENCE)
  return request
}

describe('bytes that are not those of the digest', () => {
  const blob = blobOf('promised', SIZE)
  const other = blobOf('sent', SIZE)

  test('in one request', async () => {
    await client.expect(400, 'POST', `/v2/${REPOSITORY}/blobs/uploads/?digest=${blob.digest}`, {
      body: other.bytes,
    })
    await expectNoFiles()
    await expectUnknown(blob)
  })

  test('in an upload', async () => {
    const path = await startUpload(client, REPOSITORY)
    await client.expect(202, 'PATCH', path, { body: other.bytes })
    await client.expect(400, 'PUT', `${path}?digest=${blob.digest}`)
    await client.expect(404, 'GET', path)
    await expectNoFiles()
    await expectUnknown(blob)
  })

  test('do not harm the blob that is there', async () => {
    const held = blobOf('held', SIZE)
    await pushBlob(client, REPOSITORY, held)
    await client.expect(400, 'POST', `/v2/${REPOSITORY}/blobs/uploads/?digest=${held.digest}`, {
      body: other.bytes,
    })
    await expectPulled(held)
  })

  test('of a manifest', async () => {
    const config = blobOf('config', 100)
    await pushBlob(client, REPOSITORY, config)
    const path = manifestPath(REPOSITORY, blob.digest)
    await client.expect(400, 'PUT', path, { body: manifestOf(config, []).bytes })
    await client.expect(404, 'GET', path)
  })
})

describe.each(EXITS)('a client that is gone (%s) in the middle', (exit) => {
  test('of a POST with a whole blob leaves nothing', async () => {
    const blob = blobOf(`POST ${exit}`, SIZE)
    const path = `/v2/${REPOSITORY}/blobs/uploads/?digest=${blob.digest}`
    const request = await beginPush('POST', path, blob)
    request[exit]()
    await request.status
    await expectNoFiles()
    await expectUnknown(blob)
    await pushBlob(client, REPOSITORY, blob)
    await expectPulled(blob)
  })

  test.each(['PATCH', 'PUT'])('of a %s leaves an upload that goes on', async (method) => {
    const blob = blobOf(`${method} ${exit}`, SIZE)
    const path = await startUpload(client, REPOSITORY)
    const request = await beginPush(method, `${path}?digest=${blob.digest}`, blob)
    request[exit]()
    await request.status
    await expectUnknown(blob)
    await goOn(path, blob)
    await expectPulled(blob)
    await expectNoFiles()
  })

  test('of a manifest leaves nothing', async () => {
    const { bytes } = manifestOf(blobOf('config', 100), [])
    const path = manifestPath(REPOSITORY, `gone-${exit}`)
    const request = await beginRequest(registry.url, 'PUT', path, bytes.length)
    await request.send(bytes.subarray(0, 50))
    request[exit]()
    await request.status
    await client.expect(404, 'GET', path)
    await expectNoFiles()
  })
})

/** As a client that has lost its connection does: it takes over from its former self. */
const goOn = async (path: string, { bytes, digest }: Blob): Promise<void> => {
  const received = await vi.waitFor(async () => {
    const size = receivedIn(await client.expect(204, 'GET', path))
    await client.expect(202, 'PATCH', path, chunkAt(size, bytes.slice(size, size + 1000)))
    return size + 1000
  }, PATIENCE)
  await client.expect(201, 'PUT', `${path}?digest=${digest}`, chunkAt(received, bytes.slice(received)))
}

describe('several at once', () => {
  test('two finish one upload: one of them does', async () => {
    const blob = blobOf('two finishers', SIZE)
    const path = await startUpload(client, REPOSITORY)
    await client.expect(202, 'PATCH', path, { body: blob.bytes })
    const finish = () => client.send('PUT', `${path}?digest=${blob.digest}`)
    const statuses = (await Promise.all([finish(), finish()])).map(({ status }) => status).sort()
    expect(statuses[0]).toBe(201)
    expect([404, 409]).toContain(statuses[1])
    await expectPulled(blob)
    await client.expect(404, 'GET', path)
    await expectNoFiles()
  })

  test('two finish one upload by digests of which one is wrong: nothing false is seen', async () => {
    const blob = blobOf('two digests', SIZE)
    const other = blobOf('another digest', 100)
    const path = await startUpload(client, REPOSITORY)
    await client.expect(202, 'PATCH', path, { body: blob.bytes })
    const finish = ({ digest }: Blob) => client.send('PUT', `${path}?digest=${digest}`)
    const [right] = await Promise.all([finish(blob), finish(other)])
    await expectUnknown(other)
    if (right.status === 201) await expectPulled(blob)
    await client.expect(404, 'GET', path)
    await expectNoFiles()
  })

  test('200 push the same blob: all of them succeed', async () => {
    const blob = blobOf('wanted by all', 200_000)
    const push = (_: unknown, number: number) => pushBlob(client, `${REPOSITORY}/${number % 10}`, blob)
    await Promise.all(Array.from({ length: 200 }, push))
    for (let number = 0; number < 10; number++) {
      expect(await contentAt(client, blobPath(`${REPOSITORY}/${number}`, blob.digest))).toBe(blob.digest)
    }
    await expectNoFiles()
  })

  test('one cancels while another one writes', async () => {
    const blob = blobOf('cancelled', SIZE)
    const path = await startUpload(client, REPOSITORY)
    const request = await beginPush('PATCH', path, blob)
    await client.expect(204, 'DELETE', path)
    await request.send(blob.bytes.subarray(BEGUN))
    expect(await request.status).toBe(409)
    await client.expect(404, 'GET', path)
    await expectNoFiles()
  })
})
