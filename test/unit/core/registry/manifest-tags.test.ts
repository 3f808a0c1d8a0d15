import { describe, expect, it } from 'vitest'
import { OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { descriptorOf, digestOf, imageOf, pushConfig } from '../../../support/push.ts'

const BODY = JSON.stringify(imageOf(descriptorOf('{}', 'application/vnd.oci.image.config.v1+json'), []))
const DIGEST = digestOf(BODY)

const given = (registry: InMemoryRegistry) => pushConfig(registry, 'a')

describe('tags of a push by digest', () => {
  const push = (registry: InMemoryRegistry, query: string, reference = DIGEST) =>
    registry.fetch('PUT', `/v2/a/manifests/${reference}?${query}`, {
      headers: { 'Content-Type': OCI_MANIFEST },
      body: BODY,
    })

  it('are set and named in the answer', async () => {
    await using registry = await openInMemoryRegistry()
    await given(registry)
    const response = await push(registry, 'tag=1&tag=1.0&tag=latest&tag=1')
    await expectAnswer(response, { status: 201, answers: { 'OCI-Tag': '1, 1.0, latest' } })
    for (const tag of ['1', '1.0', 'latest']) {
      const pulled = await registry.fetch('HEAD', `/v2/a/manifests/${tag}`)
      expect(pulled.headers.get('docker-content-digest')).toBe(DIGEST)
    }
  })

  it('may be a hundred, and not more', async () => {
    await using registry = await openInMemoryRegistry()
    await given(registry)
    const tags = Array.from({ length: 101 }, (_, number) => `tag=t${number}`)
    expect((await push(registry, tags.join('&'))).status).toBe(414)
    expect((await push(registry, tags.slice(1).join('&'))).status).toBe(201)
  })

  it('are all set or none', async () => {
    await using registry = await openInMemoryRegistry()
    await given(registry)
    await expectAnswer(await push(registry, 'tag=good&tag=-bad'), { status: 400, error: 'TAG_INVALID' })
    expect((await registry.fetch('GET', `/v2/a/manifests/${DIGEST}`)).status).toBe(404)
  })

  it('mean nothing for a push by tag', async () => {
    await using registry = await openInMemoryRegistry()
    await given(registry)
    await expectAnswer(await push(registry, 'tag=other', 'this'), {
      status: 201,
      answers: { 'OCI-Tag': null },
    })
    expect((await registry.fetch('GET', '/v2/a/manifests/other')).status).toBe(404)
  })
})
