import { describe, expect, test } from 'vitest'
import { readManifest } from '../../fixtures/stored-image.ts'
import { type Exchange, startRecordingProxy } from '../../support/recording-proxy.ts'
import { startRegistry } from '../../support/registry-process.ts'
import { openClientHome } from './client-home.ts'
import { startContainerd } from './containerd.ts'
import { imageNamed } from './corpus.ts'
import { headManifest } from './manifest.ts'
import { createSkopeo } from './skopeo.ts'

describe('a second push of the same layers, to another repository', () => {
  test('mounts them, by skopeo', async () => {
    await using registry = await startRegistry()
    await using proxy = await startRecordingProxy(registry.url)
    await using home = await openClientHome()
    const image = imageNamed('many-layers')
    const { config, layers } = await readManifest(image)
    const skopeo = createSkopeo(home)

    await skopeo.push(image, `${proxy.host}/mount/first:1`)
    await skopeo.push(image, `${proxy.host}/mount/second:1`)

    const second = to('mount/second', proxy.exchanges)
    expect(mounted(second)).toHaveLength(layers!.length)
    expect(uploadedBytes(second)).toBe(config!.size)
    expect((await headManifest(registry.url, 'mount/second', '1')).digest).toBe(image.digest)
  })

  test('mounts them, by containerd after a pull', async () => {
    await using registry = await startRegistry()
    await using proxy = await startRecordingProxy(registry.url)
    await using home = await openClientHome()
    await using containerd = await startContainerd()
    const image = imageNamed('many-layers')

    await createSkopeo(home).push(image, `${proxy.host}/mount/first:1`)
    await containerd.pull(`${proxy.host}/mount/first:1`)
    await containerd.tag(`${proxy.host}/mount/first:1`, `${proxy.host}/mount/second:1`)
    await containerd.push(`${proxy.host}/mount/second:1`)

    const second = to('mount/second', proxy.exchanges)
    expect(mounted(second).length).toBeGreaterThanOrEqual((await readManifest(image)).layers!.length)
    expect(uploadedBytes(second)).toBe(0)
    expect((await headManifest(registry.url, 'mount/second', '1')).digest).toBe(image.digest)
  })
})

const to = (repository: string, exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter(({ url }) => url.startsWith(`/v2/${repository}/blobs/`))

const mounted = (exchanges: readonly Exchange[]): Exchange[] =>
  exchanges.filter(({ method, url, status }) => method === 'POST' && url.includes('mount=') && status === 201)

const uploadedBytes = (exchanges: readonly Exchange[]): number =>
  exchanges.reduce((sum, { requestBytes }) => sum + requestBytes, 0)
