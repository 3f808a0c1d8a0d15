import { describe, expect, test } from 'vitest'
import { DOCKER_LIST, DOCKER_MANIFEST } from '../../../src/core/oci/media-type.ts'
import { digestsOf } from '../../fixtures/stored-image.ts'
import { startRegistry } from '../../support/registry-process.ts'
import { openClientHome } from './client-home.ts'
import { imageNamed, images, isDocker } from './corpus.ts'
import { headManifest } from './manifest.ts'
import { createSkopeo, locationOf } from './skopeo.ts'

/** skopeo reads Docker's manifests from its own directories only. */
const readable = images.filter((image) => image.transport === 'dir' || !isDocker(image))

describe('skopeo', () => {
  test.each(readable)('pushes and pulls $name:$tag ($transport) unchanged', async (image) => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const skopeo = createSkopeo(home)
    const repository = `skopeo/${image.name}`
    const reference = `${registry.host}/${repository}:${image.tag}`

    await skopeo.push(image, reference)
    const { digests } = await skopeo.pull(reference, image.transport)

    const { mediaType, digest } = image
    expect(await headManifest(registry.url, repository, image.tag)).toMatchObject({ mediaType, digest })
    expect(digests).toEqual(await digestsOf(image))
  })

  test.each([
    { name: 'big-layer', mediaType: DOCKER_MANIFEST },
    { name: 'multi-platform', mediaType: DOCKER_LIST },
  ])('converts $name to Docker schema 2 while it pushes', async ({ name, mediaType }) => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    const skopeo = createSkopeo(home)
    const reference = `${registry.host}/converted/${name}:1`

    await skopeo.copy(locationOf(imageNamed(name)), `docker://${reference}`, '--format', 'v2s2')
    const { digests } = await skopeo.pull(reference, 'dir')

    const stored = await headManifest(registry.url, `converted/${name}`, '1')
    expect(stored.mediaType).toBe(mediaType)
    expect(digests).toContain(stored.digest)
  })
})
