import { expect, test } from 'vitest'
import { digestsOf, readManifest } from '../../fixtures/stored-image.ts'
import { startRecordingProxy } from '../../support/recording-proxy.ts'
import { startRegistry } from '../../support/registry-process.ts'
import { openClientHome } from './client-home.ts'
import { startContainerd } from './containerd.ts'
import { imageNamed } from './corpus.ts'
import { createSkopeo } from './skopeo.ts'

const CUT_AFTER = 20 * 2 ** 20

test('containerd asks by Range for the rest of a layer whose transfer broke off', async () => {
  await using registry = await startRegistry()
  await using proxy = await startRecordingProxy(registry.url)
  await using home = await openClientHome()
  await using containerd = await startContainerd()
  const image = imageNamed('big-layer')
  const layer = (await readManifest(image)).layers!.at(-1)!
  const reference = (host: string) => `${host}/resume/big:1`
  await createSkopeo(home).push(image, reference(registry.host))

  proxy.cutNext(new RegExp(layer.digest), CUT_AFTER)
  await containerd.pull(reference(proxy.host))

  const gets = proxy.exchanges.filter(({ method, url }) => method === 'GET' && url.endsWith(layer.digest))
  const [cut, resumed] = gets
  expect(cut!.responseBytes).toBeLessThan(layer.size)
  expect(resumed).toMatchObject({
    status: 206,
    headers: { range: expect.stringMatching(/^bytes=[1-9]\d*-$/) },
  })
  expect(resumed!.responseBytes).toBe(layer.size - Number(/\d+/.exec(resumed!.headers.range!)![0]))
  expect(await containerd.digests()).toEqual(await digestsOf(image))
})
