import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { DOCKER_LIST, OCI_INDEX } from '../../../../src/core/oci/media-type.ts'
import { expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { digestOf, indexOf, pushImage } from '../../../support/push.ts'

const AMD64 = { os: 'linux', architecture: 'amd64' }
const ARM64 = { os: 'linux', architecture: 'arm64', variant: 'v8' }

const settingsOf = (platforms?: string, platformlist = [AMD64]) => ({
  validation: { manifests: { indexes: platforms === undefined ? {} : { platforms, platformlist } } },
})

const put = (registry: InMemoryRegistry, children: readonly Descriptor[], mediaType = OCI_INDEX) =>
  registry.fetch('PUT', '/v2/a/manifests/index', {
    headers: { 'Content-Type': mediaType },
    body: JSON.stringify({ ...indexOf(children), mediaType }),
  })

/** An image of each platform, not pushed yet. */
async function absentChildren(): Promise<Record<'amd64' | 'arm64' | 'none', Descriptor>> {
  await using remote = await openInMemoryRegistry()
  const child = (name: string) => pushImage(remote, 'a', { annotations: { name } })
  return {
    amd64: { ...(await child('amd64')), platform: AMD64 },
    arm64: { ...(await child('arm64')), platform: ARM64 },
    none: await child('none'),
  }
}

const { amd64, arm64, none } = await absentChildren()
const pushChild = (registry: InMemoryRegistry, name: string) =>
  pushImage(registry, 'a', { annotations: { name } })

describe.each([OCI_INDEX, DOCKER_LIST])('children of %s', (mediaType) => {
  it('must all be there', async () => {
    await using registry = await openInMemoryRegistry(settingsOf())
    const missing = async () => {
      const response = await put(registry, [amd64, arm64], mediaType)
      const { errors } = (await response.json()) as { errors: { code: string; detail: unknown }[] }
      expect(response.status).toBe(400)
      return errors.map(({ code, detail }) => `${code} ${detail}`).sort()
    }
    const unknown = (child: Descriptor) => `MANIFEST_BLOB_UNKNOWN ${child.digest}`
    expect(await missing()).toEqual([unknown(amd64), unknown(arm64)].sort())
    await pushChild(registry, 'amd64')
    expect(await missing()).toEqual([unknown(arm64)])
    await pushChild(registry, 'arm64')
    expect((await put(registry, [amd64, arm64], mediaType)).status).toBe(201)
  })

  it.each(['none', 'NONE'])('need not be there with %s', async (platforms) => {
    await using registry = await openInMemoryRegistry(settingsOf(platforms))
    expect((await put(registry, [amd64, arm64, none], mediaType)).status).toBe(201)
    expect((await put(registry, [], mediaType)).status).toBe(201)
  })

  it('must be there with a list, if their platform is on it', async () => {
    await using registry = await openInMemoryRegistry(settingsOf('list'))
    const refused = await put(registry, [amd64, arm64], mediaType)
    await expectAnswer(refused, { status: 400, error: 'MANIFEST_BLOB_UNKNOWN', detail: amd64.digest })
    await pushChild(registry, 'amd64')
    expect((await put(registry, [amd64, arm64], mediaType)).status).toBe(201)
  })

  it('are not on the list if they have no platform', async () => {
    await using registry = await openInMemoryRegistry(settingsOf('list'))
    expect((await put(registry, [none, arm64], mediaType)).status).toBe(201)
  })
})

describe('an index', () => {
  it.each([
    ['all', []],
    ['list', []],
  ])('with "%s" and no platforms is checked whole', async (platforms, platformlist) => {
    await using registry = await openInMemoryRegistry(settingsOf(platforms, platformlist))
    expect((await put(registry, [arm64])).status).toBe(400)
  })

  it('is not checked where validation is disabled', async () => {
    await using registry = await openInMemoryRegistry({ validation: { disabled: true } })
    expect((await put(registry, [amd64, arm64])).status).toBe(201)
  })

  it('is not satisfied by children of another repository, nor by blobs', async () => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'b', { annotations: { name: 'amd64' } })
    const image = await (await registry.fetch('GET', `/v2/b/manifests/${amd64.digest}`)).text()
    await registry.fetch('POST', `/v2/a/blobs/uploads/?digest=${amd64.digest}`, { body: image })
    expect((await put(registry, [amd64])).status).toBe(400)
  })

  it('that is sparse keeps its bytes; what is missing is not found', async () => {
    await using registry = await openInMemoryRegistry(settingsOf('none'))
    await put(registry, [amd64, arm64])
    const body = JSON.stringify(indexOf([amd64, arm64]))
    const response = await registry.fetch('GET', '/v2/a/manifests/index')
    await expectAnswer(response, {
      status: 200,
      text: body,
      answers: { 'Docker-Content-Digest': digestOf(body) },
    })
    const child = await registry.fetch('GET', `/v2/a/manifests/${arm64.digest}`)
    await expectAnswer(child, { status: 404, error: 'MANIFEST_UNKNOWN' })
  })

  it('may hold indexes', async () => {
    await using registry = await openInMemoryRegistry()
    await pushChild(registry, 'none')
    const inner = await put(registry, [none])
    const digest = inner.headers.get('docker-content-digest')!
    const outer = await put(registry, [{ mediaType: OCI_INDEX, digest, size: 1 }, none])
    expect(outer.status).toBe(201)
  })
})
