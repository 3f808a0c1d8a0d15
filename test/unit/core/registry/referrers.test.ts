import { describe, expect, it } from 'vitest'
import type { Descriptor } from '../../../../src/core/oci/descriptor.ts'
import { OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { describeCalls, expectAnswer } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import {
  descriptorOf,
  digestOf,
  imageOf,
  indexOf,
  pushConfig,
  pushImage,
  pushManifest,
} from '../../../support/push.ts'

const SIGNATURE = 'application/vnd.cncf.notary.signature'
const SBOM = 'application/spdx+json'
const SUBJECT = descriptorOf('an image that is not here yet', OCI_MANIFEST)

const EMPTY_LIST = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }

describeCalls('referrers', {
  'of an unknown repository are none': {
    call: `GET /v2/a/referrers/${SUBJECT.digest}`,
    status: 200,
    json: EMPTY_LIST,
    answers: { 'Content-Type': OCI_INDEX, 'OCI-Filters-Applied': null, Link: null },
  },
  'of an image without any are none': {
    given: (registry) => pushImage(registry, 'a', { annotations: { note: 'lonely' } }),
    call: `GET /v2/a/referrers/${SUBJECT.digest}`,
    status: 200,
    json: EMPTY_LIST,
  },
  'of a malformed digest': { call: 'GET /v2/a/referrers/sha256:abc', status: 400, error: 'DIGEST_INVALID' },
  'of a tag': { call: 'GET /v2/a/referrers/latest', status: 400, error: 'DIGEST_INVALID' },
  'for HEAD have no body': {
    call: `HEAD /v2/a/referrers/${SUBJECT.digest}`,
    status: 200,
    text: '',
    answers: { 'Content-Length': String(JSON.stringify(EMPTY_LIST).length) },
  },
})

interface Artifact {
  readonly subject?: Descriptor
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly tag?: string
}

const pushSignature = (registry: InMemoryRegistry, by: string, artifact: Artifact = {}) =>
  pushImage(registry, 'a', {
    subject: SUBJECT,
    artifactType: SIGNATURE,
    annotations: { by },
    ...artifact,
  })

async function referrersOf(registry: InMemoryRegistry, digest: string, query = ''): Promise<Descriptor[]> {
  const response = await registry.fetch('GET', `/v2/a/referrers/${digest}${query}`)
  expect(response.status).toBe(200)
  return ((await response.json()) as { manifests: Descriptor[] }).manifests
}

const byDigest = (descriptors: readonly Descriptor[]) =>
  [...descriptors].sort((one, other) => (one.digest < other.digest ? -1 : 1))

const signedBy = (descriptors: readonly Descriptor[]) =>
  descriptors.map((descriptor) => descriptor.annotations?.by).sort()

describe('two hosts that sign the same image', () => {
  it.each([
    ['after it', ['image', 'alice', 'bob']],
    ['in another order', ['image', 'bob', 'alice']],
    ['before it', ['bob', 'alice', 'image']],
    ['one before, one after it', ['alice', 'image', 'bob']],
  ])('are both listed: %s', async (_, order) => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'b')
    const manifest = await (await registry.fetch('GET', `/v2/b/manifests/${image.digest}`)).text()
    const pushed: Descriptor[] = []
    for (const who of order) {
      if (who === 'image') {
        await pushImage(registry, 'a')
        await pushManifest(registry, 'a', manifest, 'latest')
      } else {
        const descriptor = await pushSignature(registry, who, { subject: image })
        pushed.push({ ...descriptor, artifactType: SIGNATURE, annotations: { by: who } })
      }
    }
    expect(byDigest(await referrersOf(registry, image.digest))).toEqual(byDigest(pushed))
    const pulled = await registry.fetch('GET', '/v2/a/manifests/latest')
    expect(digestOf(await pulled.text())).toBe(image.digest)
  })

  it('are each listed once, however often they push', async () => {
    await using registry = await openInMemoryRegistry()
    await Promise.all(['alice', 'bob', 'alice'].map((by) => pushSignature(registry, by)))
    expect(signedBy(await referrersOf(registry, SUBJECT.digest))).toEqual(['alice', 'bob'])
  })

  it('are listed in their repository only', async () => {
    await using registry = await openInMemoryRegistry()
    await pushSignature(registry, 'alice')
    const response = await registry.fetch('GET', `/v2/b/referrers/${SUBJECT.digest}`)
    expect(await response.json()).toEqual(EMPTY_LIST)
  })

  it('are no longer listed once deleted', async () => {
    await using registry = await openInMemoryRegistry()
    const alice = await pushSignature(registry, 'alice')
    await pushSignature(registry, 'bob')
    await registry.fetch('DELETE', `/v2/a/manifests/${alice.digest}`)
    expect(signedBy(await referrersOf(registry, SUBJECT.digest))).toEqual(['bob'])
  })

  it('are still listed when the image is deleted', async () => {
    await using registry = await openInMemoryRegistry()
    const image = await pushImage(registry, 'a')
    await pushSignature(registry, 'alice', { subject: image })
    await registry.fetch('DELETE', `/v2/a/manifests/${image.digest}`)
    expect(signedBy(await referrersOf(registry, image.digest))).toEqual(['alice'])
  })
})

describe('a push with a subject', () => {
  it('is told that the registry saw it, also for a subject that is not there', async () => {
    await using registry = await openInMemoryRegistry()
    const config = await pushConfig(registry, 'a')
    const body = JSON.stringify({ ...imageOf(config, []), subject: SUBJECT })
    const headers = { 'Content-Type': OCI_MANIFEST }
    const response = await registry.fetch('PUT', '/v2/a/manifests/1', { headers, body })
    await expectAnswer(response, { status: 201, answers: { 'OCI-Subject': SUBJECT.digest } })
  })

  it('may name it by sha512', async () => {
    await using registry = await openInMemoryRegistry()
    const subject = descriptorOf('an image', OCI_MANIFEST, 'sha512')
    await pushSignature(registry, 'alice', { subject })
    expect(signedBy(await referrersOf(registry, subject.digest))).toEqual(['alice'])
  })
})

describe('the artifact type of a referrer', () => {
  it.each([
    ['its own', { artifactType: SBOM }, SBOM],
    ['that of its config', { artifactType: undefined }, 'application/vnd.oci.image.config.v1+json'],
    [
      'that of its config, where its own is empty',
      { artifactType: '' },
      'application/vnd.oci.image.config.v1+json',
    ],
  ])('is %s', async (_, extras, expected) => {
    await using registry = await openInMemoryRegistry()
    await pushImage(registry, 'a', { subject: SUBJECT, ...extras })
    const [referrer] = await referrersOf(registry, SUBJECT.digest)
    expect(referrer?.artifactType).toBe(expected)
  })

  it('is an index’s own, or none', async () => {
    await using registry = await openInMemoryRegistry()
    await pushManifest(registry, 'a', { ...indexOf([]), subject: SUBJECT })
    await pushManifest(registry, 'a', { ...indexOf([]), subject: SUBJECT, artifactType: SBOM })
    const types = (await referrersOf(registry, SUBJECT.digest)).map((referrer) => referrer.artifactType)
    expect(new Set(types)).toEqual(new Set([undefined, SBOM]))
  })

  it('can be asked for', async () => {
    await using registry = await openInMemoryRegistry()
    await pushSignature(registry, 'alice')
    await pushSignature(registry, 'bob', { artifactType: SBOM })
    const path = `/v2/a/referrers/${SUBJECT.digest}?artifactType=${encodeURIComponent(SBOM)}`
    const response = await registry.fetch('GET', path)
    expect(response.headers.get('oci-filters-applied')).toBe('artifactType')
    const { manifests } = (await response.json()) as { manifests: Descriptor[] }
    expect(signedBy(manifests)).toEqual(['bob'])
  })
})

describe('lists that older clients keep under a tag', () => {
  const tag = SUBJECT.digest.replace(':', '-')

  it('need nobody: what they name is listed by its subject', async () => {
    await using registry = await openInMemoryRegistry()
    const alice = await pushSignature(registry, 'alice')
    await pushManifest(registry, 'a', indexOf([alice]), tag)
    const bob = await pushSignature(registry, 'bob')
    await pushManifest(registry, 'a', indexOf([alice, bob]), tag)
    expect(signedBy(await referrersOf(registry, SUBJECT.digest))).toEqual(['alice', 'bob'])
  })

  it('are tags like any other', async () => {
    await using registry = await openInMemoryRegistry()
    await pushManifest(registry, 'a', indexOf([await pushSignature(registry, 'alice')]), tag)
    const response = await registry.fetch('GET', '/v2/a/tags/list')
    expect(await response.json()).toEqual({ name: 'a', tags: [tag] })
  })
})
