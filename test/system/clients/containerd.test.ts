import { describe, expect, test } from 'vitest'
import { digestsOf } from '../../fixtures/stored-image.ts'
import { startRecordingProxy } from '../../support/recording-proxy.ts'
import { startRegistry } from '../../support/registry-process.ts'
import { startContainerd } from './containerd.ts'
import { imageNamed, images } from './corpus.ts'
import { headManifest } from './manifest.ts'

const layouts = images.filter(({ transport }) => transport === 'oci')

describe('containerd', () => {
  test.each(layouts)('pushes and pulls $name:$tag unchanged', async (image) => {
    await using registry = await startRegistry()
    await using pusher = await startContainerd()
    await using puller = await startContainerd()
    const repository = `containerd/${image.name}`
    const reference = `${registry.host}/${repository}:${image.tag}`

    await pusher.import(image, `${registry.host}/${repository}`)
    await pusher.push(reference)
    await puller.pull(reference)

    const { mediaType, digest } = image
    expect(await headManifest(registry.url, repository, image.tag)).toMatchObject({ mediaType, digest })
    expect(await puller.digests()).toEqual(await digestsOf(image))
  })

  test('uploads 101 layers at the same time, over as many connections', async () => {
    await using registry = await startRegistry()
    await using proxy = await startRecordingProxy(registry.url)
    await using containerd = await startContainerd()
    const image = imageNamed('many-layers')
    const repository = 'containerd/parallel'

    await containerd.import(image, `${proxy.host}/${repository}`)
    await containerd.push(`${proxy.host}/${repository}:1`)

    expect(new Set(proxy.exchanges.map(({ connection }) => connection)).size).toBeGreaterThan(20)
    expect(proxy.exchanges.filter(({ status }) => status! >= 500)).toEqual([])
    expect((await headManifest(registry.url, repository, '1')).digest).toBe(image.digest)
  })
})
