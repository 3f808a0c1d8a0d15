import { describe, expect, it } from 'vitest'
import { type Call, describeCalls } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushBlob, pushImage, pushIndex } from '../../../support/push.ts'

const CONTENT = 'content'
const DIGEST = digestOf(CONTENT)
const given: Call['given'] = (registry) => pushBlob(registry, 'a', CONTENT)

describeCalls('deleting', {
  'a blob': {
    given,
    call: `DELETE /v2/a/blobs/${DIGEST}`,
    status: 202,
    text: '',
    answers: { 'Content-Length': '0' },
  },
  'a blob that is unknown': { call: `DELETE /v2/a/blobs/${DIGEST}`, status: 404, error: 'BLOB_UNKNOWN' },
  'a blob of another repository': {
    given,
    call: `DELETE /v2/b/blobs/${DIGEST}`,
    status: 404,
    error: 'BLOB_UNKNOWN',
  },
  'a blob by a malformed digest': {
    call: 'DELETE /v2/a/blobs/sha256:x',
    status: 400,
    error: 'DIGEST_INVALID',
  },
  'a tag': {
    given: (registry) => pushImage(registry, 'a', { tag: '1' }),
    call: 'DELETE /v2/a/manifests/1',
    status: 202,
    text: '',
  },
  'a tag that is unknown': { call: 'DELETE /v2/a/manifests/1', status: 404, error: 'MANIFEST_UNKNOWN' },
  'a tag that is none': { call: 'DELETE /v2/a/manifests/-1', status: 400, error: 'TAG_INVALID' },
  'a manifest that is unknown': {
    call: `DELETE /v2/a/manifests/${DIGEST}`,
    status: 404,
    error: 'MANIFEST_UNKNOWN',
  },
  'a manifest that is a blob': { given, call: `DELETE /v2/a/manifests/${DIGEST}`, status: 404 },
  'a manifest by a malformed digest': {
    call: 'DELETE /v2/a/manifests/sha256:baddigeststring',
    status: 400,
    error: 'DIGEST_INVALID',
  },
})

const statusOf = async (registry: InMemoryRegistry, path: string) =>
  (await registry.fetch('GET', path)).status
const remove = async (registry: InMemoryRegistry, path: string) =>
  (await registry.fetch('DELETE', path)).status
const stored = (registry: InMemoryRegistry) => Array.fromAsync(registry.disk.list())
const tagsOf = async (registry: InMemoryRegistry) =>
  ((await (await registry.fetch('GET', '/v2/a/tags/list')).json()) as { tags: string[] }).tags

describe('a deleted blob', () => {
  it('is gone from this repository alone, and its bytes go with the last repository', async () => {
    await using registry = await openInMemoryRegistry()
    for (const name of ['a', 'b']) await pushBlob(registry, name, CONTENT)
    expect(await remove(registry, `/v2/a/blobs/${DIGEST}`)).toBe(202)
    expect(await remove(registry, `/v2/a/blobs/${DIGEST}`)).toBe(404)
    expect(await statusOf(registry, `/v2/a/blobs/${DIGEST}`)).toBe(404)
    expect(await statusOf(registry, `/v2/b/blobs/${DIGEST}`)).toBe(200)
    expect(await stored(registry)).toEqual([DIGEST])
    expect(await remove(registry, `/v2/b/blobs/${DIGEST}`)).toBe(202)
    expect(await stored(registry)).toEqual([])
  })

  it('can be pushed again', async () => {
    await using registry = await openInMemoryRegistry()
    for (let round = 0; round < 3; round++) {
      await pushBlob(registry, 'a', CONTENT)
      expect(await statusOf(registry, `/v2/a/blobs/${DIGEST}`)).toBe(200)
      expect(await remove(registry, `/v2/a/blobs/${DIGEST}`)).toBe(202)
    }
  })

  it('cannot be mounted any more', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'a', CONTENT)
    await remove(registry, `/v2/a/blobs/${DIGEST}`)
    for (const from of ['&from=a', '']) {
      const response = await registry.fetch('POST', `/v2/b/blobs/uploads/?mount=${DIGEST}${from}`)
      expect(response.status).toBe(202)
    }
  })

  it('stays where the same bytes are a manifest', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a')
    const bytes = await (await registry.fetch('GET', `/v2/a/manifests/${image.digest}`)).text()
    await pushBlob(registry, 'a', bytes)
    expect(await remove(registry, `/v2/a/blobs/${image.digest}`)).toBe(202)
    expect(await statusOf(registry, `/v2/a/manifests/${image.digest}`)).toBe(200)
    expect(await remove(registry, `/v2/a/manifests/${image.digest}`)).toBe(202)
    expect(await stored(registry)).not.toContain(image.digest)
  })

  it('is deleted once by requests at the same time', async () => {
    await using registry = await openInMemoryRegistry()
    await pushBlob(registry, 'a', CONTENT)
    const path = `/v2/a/blobs/${DIGEST}`
    const statuses = await Promise.all([1, 2, 3].map(() => remove(registry, path)))
    expect(statuses.sort()).toEqual([202, 404, 404])
  })

  it('and pushed at the same time is whole or not there', async () => {
    await using registry = await openInMemoryRegistry()
    for (let round = 0; round < 20; round++) {
      await Promise.all([pushBlob(registry, 'a', CONTENT), remove(registry, `/v2/a/blobs/${DIGEST}`)])
      const status = await statusOf(registry, `/v2/a/blobs/${DIGEST}`)
      expect(await stored(registry)).toEqual(status === 200 ? [DIGEST] : [])
    }
  })
})

describe('a deleted tag', () => {
  it('leaves the manifest and its other tags', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a', { tag: '1' })
    await pushImage(registry, 'a', { tag: '2' })
    expect(await remove(registry, '/v2/a/manifests/1')).toBe(202)
    expect(await remove(registry, '/v2/a/manifests/1')).toBe(404)
    expect(await tagsOf(registry)).toEqual(['2'])
    expect(await statusOf(registry, `/v2/a/manifests/${image.digest}`)).toBe(200)
  })

  it('can be pushed again', async () => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'a', { tag: '1' })
    await remove(registry, '/v2/a/manifests/1')
    await pushImage(registry, 'a', { tag: '1' })
    expect(await tagsOf(registry)).toEqual(['1'])
  })
})

describe('a deleted manifest', () => {
  it('takes its tags with it, and no others', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a', { tag: '1' })
    await pushImage(registry, 'a', { tag: '2' })
    await pushImage(registry, 'a', { tag: 'other', annotations: { note: 'other' } })
    const path = `/v2/a/manifests/${image.digest}`
    expect(await remove(registry, path)).toBe(202)
    expect(await remove(registry, path)).toBe(404)
    expect(await statusOf(registry, path)).toBe(404)
    expect(await tagsOf(registry)).toEqual(['other'])
  })

  it('stays in other repositories', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a')
    await pushImage(registry, 'b')
    await remove(registry, `/v2/a/manifests/${image.digest}`)
    expect(await statusOf(registry, `/v2/b/manifests/${image.digest}`)).toBe(200)
    await remove(registry, `/v2/b/manifests/${image.digest}`)
    expect(await stored(registry)).not.toContain(image.digest)
  })

  it('leaves its blobs, and can be pushed again without them', async () => {
    await using registry = await openInMemoryRegistry()
    const { digest, mediaType } = await pushImage(registry, 'a')
    const path = `/v2/a/manifests/${digest}`
    const body = await (await registry.fetch('GET', path)).text()
    await remove(registry, path)
    const again = await registry.fetch('PUT', path, { headers: { 'Content-Type': mediaType }, body })
    expect(again.status).toBe(201)
    expect(await (await registry.fetch('GET', path)).text()).toBe(body)
  })

  it('leaves the indexes that name it', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a')
    const index = await pushIndex(registry, 'a', [image])
    await remove(registry, `/v2/a/manifests/${image.digest}`)
    expect(await statusOf(registry, `/v2/a/manifests/${index.digest}`)).toBe(200)
  })

  it('empties the repository, which then is not listed but known', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a', { tag: '1' })
    await remove(registry, `/v2/a/manifests/${image.digest}`)
    expect(await tagsOf(registry)).toEqual([])
    expect(await (await registry.fetch('GET', '/v2/_catalog')).json()).toEqual({ repositories: [] })
  })
})
