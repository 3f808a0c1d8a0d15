import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createClient } from '../../../../src/core/client/client.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { type InMemoryRegistry, ORIGIN, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf } from '../../../support/push.ts'

const bytes = new Uint8Array(3_000_000).map((_, index) => index % 251)
const digest = digestOf(bytes) as Digest

/** Comes in three chunks. */
const blob = new Blob([
  bytes.subarray(0, 900_000),
  bytes.subarray(900_000, 1_800_000),
  bytes.subarray(1_800_000),
])

type Fetch = (request: Request) => Promise<Response>

/** A client whose requests `meddle` may spoil. */
function clientOf(
  { registry }: InMemoryRegistry,
  meddle: (request: Request, fetch: Fetch) => Promise<Response>,
) {
  const fetch = createFetch(registry)
  return createClient({ base: ORIGIN, fetch: (request) => meddle(request, fetch) })
}

const plain = (request: Request, fetch: Fetch) => fetch(request)

/** The body breaks off after `most` bytes. */
function cut(request: Request, most: number): Request {
  let left = most
  const body = request.body!.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        left -= chunk.byteLength
        if (left < 0) throw new TypeError('connection lost')
        controller.enqueue(chunk)
      },
    }),
  )
  return new Request(request.url, {
    method: request.method,
    headers: request.headers,
    body,
    duplex: 'half',
  } as RequestInit)
}

/** The client's pauses take no time. */
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }).setTimerTickMode('nextTimerAsync'))

afterEach(() => void vi.useRealTimers())

const isPut = ({ method }: Request) => method === 'PUT'

describe('a push', () => {
  it.each([
    ['a blob', blob, bytes],
    ['a stream', new Blob([bytes]).stream(), bytes],
    ['nothing', new Blob([]), new Uint8Array()],
    ['an empty stream', new Blob([]).stream(), new Uint8Array()],
  ])('sends %s', async (_, content, expected) => {
    await using registry = await openInMemoryRegistry()
    const client = clientOf(registry, plain)
    const digest = digestOf(expected) as Digest
    await client.pushBlob('app', digest, content)
    expect(await client.blobSize('app', digest)).toBe(expected.byteLength)
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })

  it('by sha512', async () => {
    await using registry = await openInMemoryRegistry()
    const client = clientOf(registry, plain)
    const digest = digestOf(bytes, 'sha512') as Digest
    await client.pushBlob('app', digest, blob)
    expect(await client.blobSize('app', digest)).toBe(bytes.byteLength)
  })

  it('tells its progress', async () => {
    await using registry = await openInMemoryRegistry()
    const told: number[] = []
    await clientOf(registry, plain).pushBlob('app', digest, blob, {
      onProgress: (sent) => told.push(sent),
    })
    expect(told.length).toBeGreaterThan(2)
    expect(told).toEqual(told.toSorted((one, other) => one - other))
    expect(told.at(-1)).toBe(bytes.byteLength)
  })

  it('resumes after a broken connection', async () => {
    await using registry = await openInMemoryRegistry()
    const ranges: (string | null)[] = []
    const client = clientOf(registry, (request, fetch) => {
      if (!isPut(request)) return fetch(request)
      ranges.push(request.headers.get('content-range'))
      if (ranges.length > 2) return fetch(request)
      return fetch(cut(request, 1_000_000)).then(() => Promise.reject(new TypeError('connection lost')))
    })
    await client.pushBlob('app', digest, blob)
    const starts = ranges.map((range) => Number(range!.split('-')[0]))
    expect(starts[0]).toBe(0)
    expect(starts[1]).toBe(900_000)
    expect(starts[2]).toBe(1_800_000)
    expect(await client.blobSize('app', digest)).toBe(bytes.byteLength)
  })

  it('is done where only the answer was lost', async () => {
    await using registry = await openInMemoryRegistry()
    let puts = 0
    const client = clientOf(registry, async (request, fetch) => {
      const response = await fetch(request)
      if (!isPut(request)) return response
      puts++
      throw new TypeError('connection lost')
    })
    await client.pushBlob('app', digest, blob)
    expect(puts).toBe(1)
  })

  it('gives up, and leaves nothing behind, where every connection breaks', async () => {
    await using registry = await openInMemoryRegistry()
    const client = clientOf(registry, (request, fetch) =>
      isPut(request) ? Promise.reject(new TypeError('connection lost')) : fetch(request),
    )
    await expect(client.pushBlob('app', digest, blob)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    })
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })

  it('does not try again what the registry refused', async () => {
    await using registry = await openInMemoryRegistry()
    let puts = 0
    const client = clientOf(registry, (request, fetch) => {
      if (isPut(request)) puts++
      return fetch(request)
    })
    const pushing = client.pushBlob('app', digestOf('other') as Digest, blob)
    await expect(pushing).rejects.toMatchObject({ code: 'DIGEST_INVALID' })
    expect(puts).toBe(1)
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })

  it('stops when told to', async () => {
    await using registry = await openInMemoryRegistry()
    const controller = new AbortController()
    const pushing = clientOf(registry, plain).pushBlob('app', digest, blob, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error('enough')),
    })
    await expect(pushing).rejects.toThrow('enough')
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })
})
