import { describe, expect, test } from 'vitest'
import { readManifest, type StoredImage } from '../../fixtures/stored-image.ts'
import { startRegistry } from '../../support/registry-process.ts'
import { openClientHome } from './client-home.ts'
import { openContainersStorage } from './containers-storage.ts'
import { imageNamed, images, isDocker, isIndex } from './corpus.ts'
import { headManifest } from './manifest.ts'
import { createSkopeo, locationOf } from './skopeo.ts'

/** Both unpack what they pull, so artifacts are not for them; of Docker's, they read what skopeo reads. */
const readable = images.filter(({ name, tag }) => !name.includes('artifact') || tag === '1')
const runnable = readable.filter((image) => image.transport === 'dir' || !isDocker(image))

describe.each(['podman', 'buildah'] as const)('%s', (program) => {
  test.each(runnable)('pulls $name:$tag ($transport) by the digest that it had', async (image) => {
    await using registry = await startRegistry()
    await using home = await openClientHome()
    await using storage = await openContainersStorage(program)
    const repository = `${registry.host}/pulled/${image.name}`

    await createSkopeo(home).push(image, `${repository}:${image.tag}`)
    const imageId = await storage.pull(`${repository}@${image.digest}`)

    expect(imageId).toBe(await imageIdOf(image))
  })

  test.each(runnable.filter((image) => !isIndex(image)))('pushes $name:$tag ($transport)', async (image) => {
    await using registry = await startRegistry()
    await using pusher = await openContainersStorage(program)
    await using puller = await openContainersStorage(program)
    const repository = `pushed/${image.name}`

    const imageId = await pusher.pull(locationOf(image))
    const digest = await pusher.push(imageId, `${registry.host}/${repository}:1`)

    expect((await headManifest(registry.url, repository, '1')).digest).toBe(digest)
    expect(await puller.pull(`${registry.host}/${repository}@${digest}`)).toBe(imageId)
  })

  test('pushes an index of all platforms', async () => {
    await using registry = await startRegistry()
    await using pusher = await openContainersStorage(program)
    await using puller = await openContainersStorage(program)
    const image = imageNamed('multi-platform')

    const digest = await pusher.pushIndex(locationOf(image), `${registry.host}/pushed/index:1`)

    expect((await headManifest(registry.url, 'pushed/index', '1')).digest).toBe(digest)
    for (const { digest } of (await readManifest(image)).manifests!)
      await headManifest(registry.url, 'pushed/index', digest)
    expect(await puller.pull(`${registry.host}/pushed/index:1`)).toBe(await imageIdOf(image))
  })
})

/** How the storage names an image: by the digest of its config, of an index that for this machine's platform. */
const imageIdOf = async (image: StoredImage, digest = image.digest): Promise<string> => {
  const { config, manifests } = await readManifest(image, digest)
  if (config) return config.digest.slice('sha256:'.length)
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const child = manifests!.find(({ platform }) => platform?.architecture === architecture)
  return await imageIdOf(image, child!.digest)
}
