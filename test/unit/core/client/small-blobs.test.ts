/** Small blobs cost one request, and no bytes if the registry has them, with any registry. */
import { describe, expect, it } from 'vitest'
import { createClient } from '../../../../src/core/client/client.ts'
import { createFetch } from '../../../../src/core/http/fetch.ts'
import type { Digest } from '../../../../src/core/oci/digest.ts'
import { type InMemoryRegistry, ORIGIN, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob } from '../../../support/push.ts'

const SMALL = 'x'.repeat(1000)
const LARGE = 'x'.repeat(300 * 1024)

/** @param spoil - what another registry does with a request that ours understands */
function openClient(registry: InMemoryRegistry, spoil = (request: Request): Request | Response => request) {
  const asked: string[] = []
  const fetch = createFetch(registry.registry)
  const client = createClient({
    base: ORIGIN,
    fetch: async (request) => {
      const { pathname, searchParams } = new URL(request.url)
      asked.push(`${request.method} ${[...searchParams.keys()].sort().join('+')}`.trim())
      const given = spoil(request)
      if (given instanceof Response) return given
      expect(pathname).toMatch(/^\/v2\//)
      return fetch(given)
    },
  })
  const push = (text: string, from: string | undefined = 'app') =>
    client.pushBlob('app', digestOf(text) as Digest, new Blob([text]), { from })
  const isThere = async (text: string) => {
    const { headers } = await registry.fetch('HEAD', `/v2/app/blobs/${digestOf(text)}`)
    return headers.get('content-length') === String(text.length)
  }
  return { asked, client, push, isThere }
}

/** As Distribution does: it knows no whole blob in one request, and asks for its bytes. */
const withoutDigest = (request: Request): Request => {
  const url = new URL(request.url)
  if (request.method !== 'POST') return request
  url.searchParams.delete('digest')
  return new Request(url, { method: 'POST' })
}

const refusing = (status: number) => (request: Request) =>
  request.method === 'POST' && new URL(request.url).search !== '' ? new Response('', { status }) : request

describe('a blob', () => {
  it.each([
    ['a small one', SMALL, ['POST digest+from+mount']],
    ['a large one', LARGE, ['POST from+mount', 'PUT digest']],
  ])('%s is asked for and sent', async (_, text, expected) => {
    await using registry = await openInMemoryRegistry()
    const { asked, push, isThere } = openClient(registry)
    expect(await push(text)).toBe('sent')
    expect(asked).toEqual(expected)
    expect(await isThere(text)).toBe(true)
    expect(await Array.fromAsync(registry.disk.uploads())).toEqual([])
  })

  it.each([
    ['here', SMALL, 'app'],
    ['here', LARGE, 'app'],
    ['in another repository', SMALL, 'other'],
    ['in another repository', LARGE, 'other'],
  ])('that is %s is not sent', async (_, text, repository) => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, repository, text)
    const { asked, push, isThere } = openClient(registry)
    expect(await push(text)).toBe('held')
    expect(asked).toHaveLength(1)
    expect(await isThere(text)).toBe(true)
  })

  it.each([
    ['takes no bytes with the question', withoutDigest, 2],
    ['knows no such question', refusing(405), 3],
    ['takes it for a mistake', refusing(400), 3],
  ])('goes to a registry that %s', async (_, spoil, requests) => {
    await using registry = await openInMemoryRegistry()
    const { asked, push, isThere } = openClient(registry, spoil)
    expect(await push(SMALL)).toBe('sent')
    expect(asked).toHaveLength(requests)
    expect(await isThere(SMALL)).toBe(true)
  })

  it('is not tried twice if access is denied', async () => {
    await using registry = await openInMemoryRegistry()
    const { asked, push } = openClient(registry, refusing(401))
    await expect(push(SMALL)).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(asked).toHaveLength(1)
  })

  it('with other bytes than its digest says is refused, also where the registry has the right ones', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'app', SMALL)
    const { asked, client } = openClient(registry)
    const pushing = client.pushBlob('app', digestOf(SMALL) as Digest, new Blob(['other']), { from: 'app' })
    await expect(pushing).rejects.toMatchObject({ code: 'DIGEST_INVALID' })
    expect(asked).toEqual([])
  })
})
