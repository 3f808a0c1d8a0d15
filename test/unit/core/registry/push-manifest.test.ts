import { describe, expect, it } from 'vitest'
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { type Call, describeCalls, expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import {
  descriptorOf,
  digestOf,
  imageOf,
  indexOf,
  pushBlob,
  pushConfig,
  pushImage,
} from '../../../support/push.ts'

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const LAYER = descriptorOf('layer', 'application/vnd.oci.image.layer.v1.tar')
const IMAGE = imageOf(CONFIG, [LAYER])
const BODY = JSON.stringify(IMAGE)
const DIGEST = digestOf(BODY)
const SHA512 = digestOf(BODY, 'sha512')

async function given(registry: InMemoryRegistry): Promise<void> {
  await pushConfig(registry, 'a')
  await pushBlob(registry, 'a', 'layer')
}

const put = (reference: string, rest: Pick<Call, 'status'> & Partial<Call>): Call => ({
  given,
  call: `PUT /v2/a/manifests/${reference}`,
  headers: { 'Content-Type': OCI_MANIFEST },
  body: BODY,
  ...rest,
})

const stored = (digest: string) => ({
  status: 201,
  text: '',
  answers: {
    Location: `http://registry.example/v2/a/manifests/${digest}`,
    'Docker-Content-Digest': digest,
    'Content-Length': '0',
    'OCI-Subject': null,
    'OCI-Tag': null,
  },
})

describeCalls('pushing a manifest', {
  'under a tag': put('1.0', stored(DIGEST)),
  'under a tag of 128 characters': put(`_${'a'.repeat(127)}`, { status: 201 }),
  'by its digest': put(DIGEST, stored(DIGEST)),
  'by its sha512 digest': put(SHA512, stored(SHA512)),
  'with parameters in the content type': put('1.0', {
    headers: { 'Content-Type': `${OCI_MANIFEST}; charset=utf-8` },
    status: 201,
  }),
  'without a content type': put('1.0', { headers: {}, status: 201 }),
  'without a media type in it': put('1.0', {
    body: JSON.stringify({ ...IMAGE, mediaType: undefined }),
    status: 201,
  }),
  'with fields that nobody knows': put('1.0', {
    body: JSON.stringify({ ...IMAGE, 'org.example.custom': { deep: [1, 2, 3] } }),
    status: 201,
  }),
  'without layers': put('1.0', { body: JSON.stringify({ ...IMAGE, layers: undefined }), status: 201 }),
  'of unknown config and layer types': put('1.0', {
    body: JSON.stringify({
      ...IMAGE,
      config: { ...CONFIG, mediaType: 'application/vnd.example.config' },
      layers: [{ ...LAYER, mediaType: 'text/plain', data: 'bGF5ZXI=' }],
    }),
    status: 201,
  }),
  'of Docker': put('1.0', {
    headers: { 'Content-Type': DOCKER_MANIFEST },
    body: JSON.stringify({ ...IMAGE, mediaType: DOCKER_MANIFEST }),
    status: 201,
  }),
  'an empty index': put('1.0', {
    headers: { 'Content-Type': OCI_INDEX },
    body: JSON.stringify(indexOf([])),
    status: 201,
  }),
})

describeCalls('a reference that is none', {
  'a digest of other bytes': put(digestOf(''), { status: 400, error: 'DIGEST_INVALID' }),
  'a sha512 digest of other bytes': put(digestOf('', 'sha512'), { status: 400, error: 'DIGEST_INVALID' }),
  'a malformed digest': put('sha256:baddigeststring', { status: 400, error: 'DIGEST_INVALID' }),
  'an unknown algorithm': put(`md5:${'0'.repeat(32)}`, { status: 400, error: 'DIGEST_INVALID' }),
  'a malformed tag': put('.1', { status: 400, error: 'TAG_INVALID' }),
  'a tag that is too long': put('a'.repeat(129), { status: 400, error: 'TAG_INVALID' }),
})

describe('what a manifest needs', () => {
  const missingIn = async (response: Response) => {
    expect(response.status).toBe(400)
    const { errors } = (await response.json()) as { errors: { code: string; detail: unknown }[] }
    expect(new Set(errors.map((error) => error.code))).toEqual(new Set(['MANIFEST_BLOB_UNKNOWN']))
    return errors.map((error) => error.detail).sort()
  }

  const push = (registry: InMemoryRegistry) =>
    registry.fetch('PUT', '/v2/a/manifests/1.0', { headers: { 'Content-Type': OCI_MANIFEST }, body: BODY })

  it('is told, one error for each', async () => {
    await using registry = await openInMemoryRegistry()
    expect(await missingIn(await push(registry))).toEqual([CONFIG.digest, LAYER.digest].sort())
    await pushConfig(registry, 'a')
    expect(await missingIn(await push(registry))).toEqual([LAYER.digest])
    await pushBlob(registry, 'a', 'layer')
    expect((await push(registry)).status).toBe(201)
  })

  it('must be in the same repository', async () => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'b')
    expect(await missingIn(await push(registry))).toEqual([CONFIG.digest, LAYER.digest].sort())
  })

  it('leaves nothing where it is not there', async () => {
    await using registry = await openInMemoryRegistry()
    await push(registry)
    expect(await Array.fromAsync(registry.disk.list())).toEqual([])
    await expectAnswer(await registry.fetch('GET', '/v2/a/tags/list'), { status: 404, error: 'NAME_UNKNOWN' })
  })
})

describeCalls(
  'a registry that may hold parts of images',
  {
    'takes an image without its blobs': { ...put('1.0', stored(DIGEST)), given: async () => {} },
    'takes no image that is none': {
      ...put('1.0', { status: 400, error: 'MANIFEST_INVALID' }),
      body: '{}',
    },
  },
  { validation: { manifests: { blobs: 'none' } } },
)

describe('a large manifest', () => {
  const MAX = 4 * 1024 * 1024

  const push = (registry: InMemoryRegistry, size: number, headers = {}) => {
    const empty = { ...indexOf([]), annotations: { filler: '' } }
    const filler = 'x'.repeat(size - JSON.stringify(empty).length)
    const body = JSON.stringify({ ...empty, annotations: { filler } })
    expect(body.length).toBe(size)
    return registry.fetch('PUT', '/v2/a/manifests/1.0', {
      headers: { 'Content-Type': OCI_INDEX, ...headers },
      body,
    })
  }

  it('may have 4 MiB', async () => {
    await using registry = await openInMemoryRegistry()
    expect((await push(registry, MAX)).status).toBe(201)
    expect((await (await registry.fetch('GET', '/v2/a/manifests/1.0')).arrayBuffer()).byteLength).toBe(MAX)
  })

  it('may not have more', async () => {
    await using registry = await openInMemoryRegistry()
    await expectAnswer(await push(registry, MAX + 1), { status: 413, error: 'MANIFEST_INVALID' })
    const headers = { 'Content-Length': String(MAX + 1) }
    await expectAnswer(await push(registry, 1000, headers), { status: 413, error: 'MANIFEST_INVALID' })
  })
})

describe('pushing again', () => {
  it('moves the tag and keeps both manifests', async () => {
    await using registry = await openInMemoryRegistry()
    const first = await pushImage(registry, 'a', { tag: 'latest' })
    const second = await pushImage(registry, 'a', { tag: 'latest', annotations: { version: '2' } })
    const current = await registry.fetch('HEAD', '/v2/a/manifests/latest')
    expect(current.headers.get('docker-content-digest')).toBe(second.digest)
    expect((await registry.fetch('GET', `/v2/a/manifests/${first.digest}`)).status).toBe(200)
  })

  it('changes nothing where it is the same', async () => {
    await using registry = await openInMemoryRegistry()
    const first = await pushImage(registry, 'a', { tag: 'latest' })
    const second = await pushImage(registry, 'a', { tag: 'latest' })
    expect(second).toEqual(first)
    expect(await Array.fromAsync(registry.disk.list())).toHaveLength(3)
  })
})
