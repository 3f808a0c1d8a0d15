import { describe, expect, it } from 'vitest'
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { type Call, describeCalls, expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import {
  descriptorOf,
  digestOf,
  imageOf,
  indexOf,
  pushConfig,
  pushImage,
  pushIndex,
  pushManifest,
} from '../../../support/push.ts'

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')

/** White space and key order are the client's; not a byte of it may change. */
const IMAGE = `{ "schemaVersion": 2,\n "config": ${JSON.stringify(CONFIG)}, "mediaType": "${OCI_MANIFEST}"\t}`
const DIGEST = digestOf(IMAGE)

async function given(registry: InMemoryRegistry): Promise<void> {
  await pushConfig(registry, 'a')
  await pushManifest(registry, 'a', IMAGE, '1.0')
}

const HEADERS = {
  'Content-Type': OCI_MANIFEST,
  'Content-Length': String(IMAGE.length),
  'Docker-Content-Digest': DIGEST,
  ETag: `"${DIGEST}"`,
}

describeCalls('pulling a manifest', {
  'by tag': { given, call: 'GET /v2/a/manifests/1.0', status: 200, text: IMAGE, answers: HEADERS },
  'by digest': { given, call: `GET /v2/a/manifests/${DIGEST}`, status: 200, text: IMAGE, answers: HEADERS },
  'by an encoded digest': {
    given,
    call: `GET /v2/a/manifests/${encodeURIComponent(DIGEST)}`,
    status: 200,
    text: IMAGE,
  },
  'by HEAD': { given, call: 'HEAD /v2/a/manifests/1.0', status: 200, text: '', answers: HEADERS },
  'that the client has': {
    given,
    call: 'GET /v2/a/manifests/1.0',
    headers: { 'If-None-Match': `"${DIGEST}"` },
    status: 304,
    text: '',
    answers: { ETag: `"${DIGEST}"` },
  },
  'that the client has, without quotes': {
    given,
    call: 'HEAD /v2/a/manifests/1.0',
    headers: { 'If-None-Match': DIGEST },
    status: 304,
  },
  'of which the client has another': {
    given,
    call: 'GET /v2/a/manifests/1.0',
    headers: { 'If-None-Match': `"${digestOf('')}"` },
    status: 200,
  },
})

const unknown = (reference: string): Call => ({
  given,
  call: `GET /v2/a/manifests/${reference}`,
  status: 404,
  error: 'MANIFEST_UNKNOWN',
})

describeCalls('a manifest that cannot be pulled', {
  'unknown tag': unknown('2.0'),
  'unknown digest': unknown(digestOf('')),
  'a blob is none': unknown(CONFIG.digest),
  'unknown repository': { given, call: 'GET /v2/b/manifests/1.0', status: 404, error: 'MANIFEST_UNKNOWN' },
  'a digest of another repository': {
    given,
    call: `GET /v2/b/manifests/${DIGEST}`,
    status: 404,
    error: 'MANIFEST_UNKNOWN',
  },
  'a malformed digest': unknown('sha256:baddigeststring'),
  'a malformed tag': unknown('-1'),
  'a tag that is too long': unknown('a'.repeat(129)),
  'a tag by HEAD': { call: 'HEAD /v2/a/manifests/1.0', status: 404, text: '' },
})

const accepting = (accept: string): Call => ({
  given,
  call: 'GET /v2/a/manifests/1.0',
  headers: { Accept: accept },
  status: 200,
  answers: { 'Content-Type': OCI_MANIFEST },
})

const refusing = (accept: string): Call => ({
  ...accepting(accept),
  status: 404,
  error: 'MANIFEST_UNKNOWN',
  answers: {},
})

describeCalls('Accept', {
  'any type': accepting('*/*'),
  'any application type': accepting('text/html, application/*;q=0.8'),
  'this type': accepting(OCI_MANIFEST),
  'this type in a list, with parameters': accepting(`${DOCKER_MANIFEST}, ${OCI_MANIFEST};q=0.1`),
  'no manifest type at all': accepting('application/json'),
  'other manifest types only': refusing(`${DOCKER_MANIFEST}, ${DOCKER_LIST}`),
  'schema 1 only': refusing('application/vnd.docker.distribution.manifest.v1+prettyjws'),
})

describe('a Docker list asked by a client that cannot read lists', () => {
  const headers = { Accept: DOCKER_MANIFEST }

  async function pushList(registry: InMemoryRegistry, platform: Record<string, string>) {
    const config = await pushConfig(registry, 'a')
    const child = await pushManifest(registry, 'a', { ...imageOf(config, []), mediaType: DOCKER_MANIFEST })
    const list = { ...indexOf([{ ...child, platform }]), mediaType: DOCKER_LIST }
    return { child, list: await pushManifest(registry, 'a', list, 'list') }
  }

  it('is answered with its linux/amd64 image', async () => {
    await using registry = await openInMemoryRegistry()
    const { child } = await pushList(registry, { os: 'linux', architecture: 'amd64' })
    const response = await registry.fetch('GET', '/v2/a/manifests/list', { headers })
    await expectAnswer(response, {
      status: 200,
      answers: { 'Docker-Content-Digest': child.digest, 'Content-Type': DOCKER_MANIFEST },
    })
  })

  it('is not found if it has none', async () => {
    await using registry = await openInMemoryRegistry()
    await pushList(registry, { os: 'windows', architecture: 'amd64' })
    const response = await registry.fetch('GET', '/v2/a/manifests/list', { headers })
    await expectAnswer(response, { status: 404, error: 'MANIFEST_UNKNOWN' })
  })

  it('is not found by its digest, which can mean nothing else', async () => {
    await using registry = await openInMemoryRegistry()
    const { list } = await pushList(registry, { os: 'linux', architecture: 'amd64' })
    const response = await registry.fetch('GET', `/v2/a/manifests/${list.digest}`, { headers })
    await expectAnswer(response, { status: 404, error: 'MANIFEST_UNKNOWN' })
  })

  it.each(['null', '[]', '[null]'].map((manifests) => [manifests]))('has children %s', async (manifests) => {
    await using registry = await openInMemoryRegistry()
    const body = `{"schemaVersion":2,"mediaType":"${DOCKER_LIST}","manifests":${manifests}}`
    const type = { 'Content-Type': DOCKER_LIST }
    const pushed = await registry.fetch('PUT', '/v2/a/manifests/list', { headers: type, body })
    expect(pushed.status).toBe(manifests === '[null]' ? 400 : 201)
    expect((await registry.fetch('GET', '/v2/a/manifests/list', { headers })).status).toBe(404)
  })
})

describe('an index', () => {
  it('is never replaced by an image', async () => {
    await using registry = await openInMemoryRegistry()
    const index = await pushIndex(registry, 'a', [await pushImage(registry, 'a')], { tag: 'index' })
    const response = await registry.fetch('GET', '/v2/a/manifests/index', { headers: { Accept: OCI_INDEX } })
    await expectAnswer(response, { status: 200, answers: { 'Docker-Content-Digest': index.digest } })
    const other = await registry.fetch('GET', '/v2/a/manifests/index', { headers: { Accept: OCI_MANIFEST } })
    await expectAnswer(other, { status: 404, error: 'MANIFEST_UNKNOWN' })
  })
})

describe('a manifest that was pushed by its sha512 digest', () => {
  it('is pulled by it, and by its tags', async () => {
    await using registry = await openInMemoryRegistry()
    await pushConfig(registry, 'a')
    const digest = digestOf(IMAGE, 'sha512')
    await pushManifest(registry, 'a', IMAGE, `${digest}?tag=1.0`)
    for (const reference of [digest, '1.0']) {
      const response = await registry.fetch('GET', `/v2/a/manifests/${reference}`)
      await expectAnswer(response, { status: 200, text: IMAGE, answers: { 'Docker-Content-Digest': digest } })
    }
    expect((await registry.fetch('GET', `/v2/a/manifests/${DIGEST}`)).status).toBe(404)
  })
})
