import { describe, expect, it } from 'vitest'
import { openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, pushImage, pushIndex, startUpload } from '../../../support/push.ts'

const MISSING = digestOf('missing')

describe('HEAD answers as GET does, without the body', () => {
  it.each([
    '/v2/',
    '/v2/_catalog',
    '/v2/_catalog?n=1',
    '/v2/_catalog?n=x',
    '/v2/a/tags/list',
    '/v2/a/tags/list?n=1',
    '/v2/none/tags/list',
    '/v2/a/manifests/image',
    '/v2/a/manifests/index',
    `/v2/a/manifests/${MISSING}`,
    '/v2/a/manifests/none',
    `/v2/a/blobs/${digestOf('layer')}`,
    `/v2/a/blobs/${MISSING}`,
    '/v2/a/blobs/sha256:x',
    `/v2/a/referrers/${digestOf('layer')}`,
    '/v2/a/referrers/x',
    'UPLOAD',
    '/v2/a/blobs/uploads/',
    '/v2/a/blobs/uploads/1',
    '/v2/A/tags/list',
    '/nowhere',
  ])('for %s', async (template) => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a', { tag: 'image' })
    await pushIndex(registry, 'a', [image], { tag: 'index' })
    await pushImage(registry, 'b')
    const path = template === 'UPLOAD' ? await startUpload(registry, 'a') : template
    const get = await registry.fetch('GET', path)
    const head = await registry.fetch('HEAD', path)
    expect(head.status).toBe(get.status)
    const length = get.headers.get('content-length')
    // How much there is to say of a failure, GET finds out, and HEAD does not (RFC 9110, section 8.6).
    if (!get.ok) get.headers.delete('content-length')
    expect(Object.fromEntries(head.headers)).toEqual(Object.fromEntries(get.headers))
    expect(await head.text()).toBe('')
    expect((await get.arrayBuffer()).byteLength).toBe(Number(length))
  })
})
