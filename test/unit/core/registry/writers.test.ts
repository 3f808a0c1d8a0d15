import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { PATIENCE } from '../../../support/patience.ts'
import { digestOf, pushBlob, startUpload } from '../../../support/push.ts'

const DIGEST = digestOf('hello world')

let registry: InMemoryRegistry
let location: string

beforeEach(async () => {
  registry = await openInMemoryRegistry()
  onTestFinished(() => registry.close())
  location = await startUpload(registry, 'a')
})

/** A request whose body has begun with `text` and goes on until `end` is called. */
async function beginPatch(text: string, signal?: AbortSignal) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const response = registry.fetch('PATCH', location, { body: readable, signal })
  await writer.write(Buffer.from(text))
  await vi.waitFor(async () => expect(await received()).toBe(`0-${text.length - 1}`), PATIENCE)
  return { response, end: () => writer.close() }
}

const received = async () => (await registry.fetch('GET', location)).headers.get('range')

const finish = (body?: string, headers = {}) =>
  registry.fetch('PUT', `${location}?digest=${DIGEST}`, { headers, body })

describe('a second writer on an upload', () => {
  it.each([
    ['PATCH', () => registry.fetch('PATCH', location, { body: ' world' })],
    ['PUT', () => finish(' world')],
  ])('is refused as %s that does not say where its bytes belong', async (_, second) => {
    const first = await beginPatch('hello')
    await expectAnswer(await second(), { status: 409, error: 'BLOB_UPLOAD_INVALID' })
    await first.end()
    await expectAnswer(await first.response, { status: 202, answers: { Range: '0-4' } })
    expect((await finish(' world')).status).toBe(201)
  })

  it.each([
    [
      'PATCH',
      202,
      () => registry.fetch('PATCH', location, { headers: { 'Content-Range': '5-10' }, body: ' world' }),
    ],
    ['PUT', 201, () => finish(' world', { 'Content-Range': '5-10' })],
  ])('takes over as %s that does', async (_, status, second) => {
    const first = await beginPatch('hello')
    expect((await second()).status).toBe(status)
    await expectAnswer(await first.response, { status: 409, error: 'BLOB_UPLOAD_INVALID' })
  })

  it('takes over even where it then turns out to be in the wrong place', async () => {
    const first = await beginPatch('hello')
    const second = await registry.fetch('PATCH', location, {
      headers: { 'Content-Range': '0-4' },
      body: 'HELLO',
    })
    await expectAnswer(second, { status: 416, error: 'RANGE_INVALID' })
    expect((await first.response).status).toBe(409)
    expect(await received()).toBe('0-4')
  })

  it('of another repository has no say', async () => {
    const first = await beginPatch('hello')
    const remote = location.replace('/v2/a/', '/v2/b/')
    const headers = { 'Content-Range': '5-10' }
    const second = await registry.fetch('PATCH', remote, { headers, body: ' world' })
    await expectAnswer(second, { status: 404, error: 'BLOB_UPLOAD_UNKNOWN' })
    await first.end()
    expect((await first.response).status).toBe(202)
  })

  it('cancels it', async () => {
    const first = await beginPatch('hello')
    expect((await registry.fetch('DELETE', location)).status).toBe(204)
    expect((await first.response).status).toBe(409)
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })
})

describe('two finishers', () => {
  it('of one upload: one succeeds', async () => {
    await registry.fetch('PATCH', location, { body: 'hello world' })
    const statuses = (await Promise.all([finish(), finish()])).map((response) => response.status)
    expect(statuses).toContain(201)
    expect(statuses.filter((status) => status !== 201 && status !== 404 && status !== 409)).toEqual([])
    expect(await (await registry.fetch('GET', `/v2/a/blobs/${DIGEST}`)).text()).toBe('hello world')
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
    expect(await registry.store.catalog.blobs.doubts()).toEqual([])
  })

  it('of the same blob: both succeed', async () => {
    const names = Array.from({ length: 20 }, (_, number) => `r${number % 5}`)
    await Promise.all(names.map((name) => pushBlob(registry, name, 'hello world')))
    expect(await Array.fromAsync(registry.disk.list())).toEqual([DIGEST])
  })

  it('of the same digest, one of them with other bytes: the blob stays', async () => {
    const requests = ['hello world', 'forged', 'hello world', 'forged'].map((body) =>
      registry.fetch('POST', `/v2/a/blobs/uploads/?digest=${DIGEST}`, { body }),
    )
    const statuses = (await Promise.all(requests)).map((response) => response.status)
    expect(statuses).toEqual([201, 400, 201, 400])
    expect(await (await registry.fetch('GET', `/v2/a/blobs/${DIGEST}`)).text()).toBe('hello world')
  })
})

describe('a client that leaves', () => {
  it('finds what had arrived when it comes back', async () => {
    const client = new AbortController()
    const { response } = await beginPatch('hello', client.signal)
    client.abort()
    expect((await response).status).toBe(499)
    expect(await received()).toBe('0-4')
    expect((await finish(' world')).status).toBe(201)
  })

  it('in the middle of a single POST leaves nothing', async () => {
    const client = new AbortController()
    const body = (async function* () {
      yield Buffer.from('hello')
      client.abort()
      await new Promise(() => {})
    })()
    const path = `/v2/a/blobs/uploads/?digest=${DIGEST}`
    expect((await registry.fetch('POST', path, { body, signal: client.signal })).status).toBe(499)
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })
})

describe('a body that breaks off', () => {
  it('leaves what had come, and the upload goes on', async () => {
    const body = (async function* () {
      yield Buffer.from('hello')
      throw new Error('connection reset')
    })()
    expect((await registry.fetch('PATCH', location, { body })).ok).toBe(false)
    expect(await received()).toBe('0-4')
    expect((await finish(' world')).status).toBe(201)
  })
})
