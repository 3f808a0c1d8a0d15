/** Push to one registry, pull from the other: with the clients that people use, and nothing told to them. */
import { expect, test } from 'vitest'
import { digestsOf } from '../../fixtures/stored-image.ts'
import { openClientHome } from '../clients/client-home.ts'
import { startContainerd } from '../clients/containerd.ts'
import { imageNamed } from '../clients/corpus.ts'
import { createSkopeo } from '../clients/skopeo.ts'
import { type RegistryPeer, startRegistryPeer } from './registry-peer.ts'

const names = ['big-layer', 'multi-platform', 'many-layers']

test.each(names)('skopeo pulls %s by its digest from a registry that it was not pushed to', async (name) => {
  await using pair = await startPair()
  await using home = await openClientHome()
  const skopeo = createSkopeo(home)
  const image = imageNamed(name)

  await skopeo.push(image, `${pair.one.host}/library/${name}:1`)
  const { digests } = await skopeo.pull(`${pair.other.host}/library/${name}@${image.digest}`, 'oci')

  expect(digests).toEqual(await digestsOf(image))
})

test.each(names)('ctr pulls %s by its digest from a registry that it was not pushed to', async (name) => {
  await using pair = await startPair()
  await using pusher = await startContainerd()
  await using puller = await startContainerd()
  const image = imageNamed(name)

  await pusher.import(image, `${pair.one.host}/library/${name}`)
  await pusher.push(`${pair.one.host}/library/${name}:1`)
  await puller.pull(`${pair.other.host}/library/${name}@${image.digest}`)

  expect(await puller.digests()).toEqual(await digestsOf(image))
})

test('a tag is pulled from a peer that is trusted', async () => {
  await using one = await startRegistryPeer()
  const environment = { REGISTRY_SWARM_TRUST: JSON.stringify([await one.id()]) }
  await using other = await startRegistryPeer([await one.peerAddress()], { environment })
  await other.meet(await one.id())
  await using home = await openClientHome()
  await using containerd = await startContainerd()
  const skopeo = createSkopeo(home)
  const image = imageNamed('multi-platform')

  await skopeo.push(image, `${one.host}/library/app:1`)
  const reference = `${other.host}/library/app:1`

  expect((await skopeo.pull(reference, 'oci')).digests).toEqual(await digestsOf(image))
  await containerd.pull(reference)
  expect(await containerd.digests()).toEqual(await digestsOf(image))
})

test('a tag is not pulled from a peer that is not', async () => {
  await using pair = await startPair()
  await using home = await openClientHome()
  const skopeo = createSkopeo(home)

  await skopeo.push(imageNamed('big-layer'), `${pair.one.host}/library/app:1`)

  await expect(skopeo.pull(`${pair.other.host}/library/app:1`, 'oci')).rejects.toThrow('manifest unknown')
})

interface Pair extends AsyncDisposable {
  readonly one: RegistryPeer
  readonly other: RegistryPeer
}

async function startPair(): Promise<Pair> {
  await using undo = new AsyncDisposableStack()
  const one = undo.use(await startRegistryPeer())
  const other = undo.use(await startRegistryPeer([await one.peerAddress()]))
  await other.meet(await one.id())
  const resources = undo.move()
  return { one, other, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
