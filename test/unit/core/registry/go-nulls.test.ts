/** What Go's programs write for what is absent: null, or an empty text. It is taken, and given back as it came. */
import { describe, expect, it } from 'vitest'
import { DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from '../../../../src/core/oci/media-type.ts'
import { describeCalls } from '../../../support/calls.ts'
import { type InMemoryRegistry, openInMemoryRegistry } from '../../../support/in-memory-registry.ts'
import { descriptorOf, imageOf, indexOf, pushBlob, pushConfig, pushImage } from '../../../support/push.ts'

const CONFIG = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
const LAYER = descriptorOf('layer', 'application/vnd.oci.image.layer.v1.tar')
const IMAGE = imageOf(CONFIG, [LAYER])
const CHILD = descriptorOf(JSON.stringify(IMAGE), OCI_MANIFEST)
const DOCKER_IMAGE = { ...IMAGE, mediaType: DOCKER_MANIFEST }

const NULLS = {
  annotations: null,
  urls: null,
  platform: null,
  artifactType: null,
  data: null,
  subject: null,
  config: null,
}
const EMPTY = { artifactType: '', annotations: {}, urls: [], platform: { os: '', architecture: '' } }

const given = async (registry: InMemoryRegistry) => {
  await pushConfig(registry, 'a')
  await pushBlob(registry, 'a', 'layer')
  await pushImage(registry, 'a')
}

function taken(manifest: object, type: string) {
  const headers = { 'Content-Type': type }
  return {
    given,
    call: 'PUT /v2/a/manifests/1.0',
    headers,
    body: JSON.stringify(manifest),
    status: 201,
  }
}

const image = (manifest: object) => taken({ ...IMAGE, ...manifest }, OCI_MANIFEST)
const index = (manifest: object) => taken({ ...indexOf([CHILD]), ...manifest }, OCI_INDEX)
const child = (more: object) => index({ manifests: [{ ...CHILD, ...more }] })

describeCalls('an image', {
  'with null in each place of its config': image({ config: { ...CONFIG, ...NULLS } }),
  'with null in each place of a layer': image({ layers: [{ ...LAYER, ...NULLS }] }),
  'with null in each place of its subject': image({ subject: { ...CHILD, ...NULLS } }),
  'with a subject that nobody has set': image({ subject: { mediaType: '', digest: '', size: 0 } }),
  'with empty texts in a layer': image({ layers: [{ ...LAYER, ...EMPTY }] }),
  'with null for each of its own': image({ ...NULLS, config: CONFIG, annotations: null, layers: null }),
  'with children that are null': image({ manifests: null, fsLayers: null }),
  'with null for an annotation': image({ annotations: { a: null } }),
  'with null for an annotation of a layer': image({ layers: [{ ...LAYER, annotations: { a: null } }] }),
  'without a type': image({ mediaType: null }),
  'with an empty type': image({ mediaType: '' }),
  'with an empty type of artifact': image({ artifactType: '' }),
  'whose layer has no type': image({ layers: [{ ...LAYER, mediaType: null }] }),
  'whose layer has an empty type': image({ layers: [{ ...LAYER, mediaType: '' }] }),
  'whose config has no type': image({ config: { ...CONFIG, mediaType: null } }),
  'of Docker, with nulls': taken({ ...DOCKER_IMAGE, ...NULLS, config: CONFIG }, DOCKER_MANIFEST),
  'of Docker, with nulls in a layer': taken(
    { ...DOCKER_IMAGE, layers: [{ ...LAYER, ...NULLS }] },
    DOCKER_MANIFEST,
  ),
})

describeCalls('an index', {
  'with null in each place of a child': child(NULLS),
  'with empty texts in a child': child(EMPTY),
  'with a platform of nulls': child({ platform: { os: null, architecture: null, 'os.features': null } }),
  'with null for each of its own': index({ ...NULLS, mediaType: null }),
  'with layers that are null': index({ layers: null, config: null }),
  'without children': index({ manifests: null }),
  'with an empty type': index({ mediaType: '' }),
  'of Docker, with nulls': taken(
    { ...indexOf([{ ...CHILD, ...NULLS } as never]), ...NULLS, mediaType: DOCKER_LIST },
    DOCKER_LIST,
  ),
})

describe('what was taken with nulls', () => {
  it('comes back byte for byte', async () => {
    await using registry = await openInMemoryRegistry()
    const call = image({ ...NULLS, config: CONFIG, layers: [{ ...LAYER, ...NULLS }] })
    await given(registry)
    await registry.fetch('PUT', '/v2/a/manifests/1.0', call)
    expect(await (await registry.fetch('GET', '/v2/a/manifests/1.0')).text()).toBe(call.body)
  })

  it('is listed as a referrer without them', async () => {
    await using registry = await openInMemoryRegistry()
    const call = image({ subject: CHILD, artifactType: '', annotations: { a: null } })
    await given(registry)
    await registry.fetch('PUT', '/v2/a/manifests/1.0', call)
    const list = await (await registry.fetch('GET', `/v2/a/referrers/${CHILD.digest}`)).json()
    expect(list).toMatchObject({ manifests: [{ artifactType: CONFIG.mediaType, annotations: { a: '' } }] })
  })

  it('is a Docker list whose default image an old client gets', async () => {
    await using registry = await openInMemoryRegistry()
    await given(registry)
    const platform = { os: 'linux', architecture: 'amd64' }
    const manifests = [
      { ...CHILD, platform: null },
      { ...CHILD, ...NULLS, platform },
    ]
    const body = JSON.stringify({ ...indexOf(manifests as never), mediaType: DOCKER_LIST })
    await registry.fetch('PUT', '/v2/a/manifests/1.0', { headers: { 'Content-Type': DOCKER_LIST }, body })
    const response = await registry.fetch('GET', '/v2/a/manifests/1.0', { headers: { Accept: OCI_MANIFEST } })
    expect(response.headers.get('docker-content-digest')).toBe(CHILD.digest)
  })
})

describeCalls('a push without a type in its header', {
  'that is empty': { ...image({}), headers: { 'Content-Type': '' } },
})
