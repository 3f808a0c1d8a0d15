import { describe, expect, it } from 'vitest'
import { createClient } from '../../../../src/core/client/client.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { type InMemoryRegistry, ORIGIN, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage } from '../../../support/push.ts'

const LAYER = digestOf('layer') as Digest

const clientOf = ({ registry }: InMemoryRegistry) =>
  createClient({ fetch: createFetch(registry), base: ORIGIN })

const answering = (response: () => Response | Promise<Response>) =>
  createClient({ base: ORIGIN, fetch: async () => response() })

describe('a client', () => {
  it('asks for blobs', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'app', 'layer')
    const client = clientOf(registry)
    expect(await client.blobSize('app', LAYER)).toBe(5)
    expect(await client.blobSize('app', digestOf('none') as Digest)).toBeUndefined()
    const whole = await client.getBlob('app', LAYER)
    expect(whole!.size).toBe(5)
    expect(await new Response(whole!.stream as never).text()).toBe('layer')
    const part = await client.getBlob('app', LAYER, { range: { start: 1, end: 2 } })
    expect(await new Response(part!.stream as never).text()).toBe('ay')
    expect(await client.getBlob('other', LAYER)).toBeUndefined()
  })

  it.each([404, 504])('takes %i for no where it asks for what is here only', async (status) => {
    const asked: Request[] = []
    const client = createClient({
      base: ORIGIN,
      async fetch(request) {
        asked.push(request)
        return new Response(null, { status })
      },
    })
    expect(await client.blobSize('app', LAYER, { onlyHere: true })).toBeUndefined()
    expect(asked[0]!.headers.get('cache-control')).toBe('only-if-cached')
  })

  it('mounts blobs, and leaves no upload behind where it cannot', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'app', 'layer')
    const client = clientOf(registry)
    expect(await client.mountBlob('other', LAYER, 'app')).toBe(true)
    expect(await client.mountBlob('other', digestOf('none') as Digest, 'app')).toBe(false)
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
    expect(await client.blobSize('other', LAYER)).toBe(5)
  })

  it('gets, puts and deletes manifests', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest, mediaType } = await pushImage(registry, 'app', { tag: '1' })
    const client = clientOf(registry)
    const manifest = (await client.getManifest('app', '1'))!
    expect(manifest).toMatchObject({ digest, mediaType })
    await client.putManifest('app', '2', manifest)
    expect(await client.tags('app')).toEqual(['1', '2'])
    expect(await client.deleteManifest('app', '2')).toBe(true)
    expect(await client.deleteManifest('app', '2')).toBe(false)
    expect(await client.getManifest('app', '2')).toBeUndefined()
  })

  it('reads lists to their last page', async () => {
    await using registry = await openInMemoryRegistry()
    const names = Array.from({ length: 120 }, (_, index) => `app${String(index).padStart(3, '0')}`)
    for (const name of names) await pushImage(registry, name)
    expect(await clientOf(registry).repositories()).toEqual(names)
  })

  it('has no lists of what is unknown', async () => {
    await using registry = await openInMemoryRegistry()
    expect(await clientOf(registry).tags('none')).toEqual([])
    expect(await clientOf(registry).referrers('none', LAYER)).toEqual([])
  })

  it('lists what refers to a manifest', async () => {
    await using registry = await openInMemoryRegistry()
    const subject = await pushImage(registry, 'app')
    const { digest } = await pushImage(registry, 'app', { subject })
    const referrers = await clientOf(registry).referrers('app', subject.digest as Digest)
    expect(referrers.map((descriptor) => descriptor.digest)).toEqual([digest])
  })
})

describe('what goes wrong', () => {
  it('is what the registry says', async () => {
    await using registry = await openInMemoryRegistry()
    const asking = clientOf(registry).tags('NO')
    await expect(asking).rejects.toMatchObject({ name: 'RegistryError', code: 'NAME_INVALID', status: 400 })
  })

  it.each([
    [401, 'UNAUTHORIZED'],
    [429, 'TOOMANYREQUESTS'],
    [507, 'UNKNOWN'],
  ])('is told by the status where there is no envelope: %i %s', async (status, code) => {
    const client = answering(() => new Response('<html>', { status }))
    await expect(client.tags('app')).rejects.toMatchObject({
      code,
      status,
      message: expect.stringContaining(`${status}`),
    })
  })

  it('is UNAVAILABLE if there is no response', async () => {
    const client = answering(() => Promise.reject(new TypeError('fetch failed')))
    await expect(client.tags('app')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('is the reason of who stopped it', async () => {
    const controller = new AbortController()
    const client = answering(() => {
      controller.abort(new Error('enough'))
      return Promise.reject(new TypeError('aborted'))
    })
    await expect(client.tags('app', { signal: controller.signal })).rejects.toThrow('enough')
  })

  it('is a manifest of another digest', async () => {
    const client = answering(() => new Response('{}'))
    await expect(client.getManifest('app', LAYER)).rejects.toMatchObject({ code: 'DIGEST_INVALID' })
  })

  it('is an endless response', async () => {
    const chunk = new Uint8Array(2 ** 20)
    const endless = () => new ReadableStream({ pull: (controller) => controller.enqueue(chunk) })
    const client = answering(() => new Response(endless()))
    await expect(client.getManifest('app', '1')).rejects.toMatchObject({ code: 'SIZE_INVALID' })
  })

  it('is a list that leads back to itself no more than once', async () => {
    const headers = { Link: '</v2/_catalog>; rel="next"' }
    const client = answering(() => Response.json({ repositories: ['a'] }, { headers }))
    expect(await client.repositories()).toEqual(['a'])
  })
})
