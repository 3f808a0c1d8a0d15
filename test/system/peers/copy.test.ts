/** A copy from one registry to another that is its peer, where tools send only what HEAD does not find. */

import { expect, test } from 'vitest'
import type { Descriptor } from '../../../src/core/oci/descriptor.ts'
import { MIB } from '../../support/bytes.ts'
import { type Asked, imageOf, pushBlob, pushConfig, pushIndex, pushManifest } from '../../support/push.ts'
import { make } from './content.ts'
import { type RegistryPeer, startRegistryPeer } from './registry-peer.ts'

const LAYERS = ['one', 'two'].map((seed) => new Uint8Array(make({ seed, size: 3 * MIB + 1 })))

const clientOf = ({ url }: RegistryPeer): Asked => ({
  fetch: (method, path, asking) => fetch(new URL(path, url), { method, ...asking } as RequestInit),
})

async function pushImage(client: Asked, layer: Uint8Array<ArrayBuffer>): Promise<Descriptor[]> {
  const blobs = [await pushConfig(client, 'app'), await pushBlob(client, 'app', layer)] as const
  return [await pushManifest(client, 'app', imageOf(blobs[0], [blobs[1]])), ...blobs]
}

test('an index whose images HEAD has found is whole when it is acknowledged', async () => {
  await using one = await startRegistryPeer()
  await using other = await startRegistryPeer([await one.peerAddress()])
  await other.meet(await one.id())
  const client = clientOf(other)
  const images = await Promise.all(LAYERS.map((layer) => pushImage(clientOf(one), layer)))
  const manifests = images.map(([manifest]) => manifest!)

  for (const { digest } of manifests) {
    expect((await client.fetch('HEAD', `/v2/app/manifests/${digest}`)).status).toBe(200)
  }
  await pushIndex(client, 'app', manifests, { tag: '1' })
  await one.stop()

  for (const { digest } of images.flatMap(([, ...blobs]) => blobs)) {
    expect((await client.fetch('HEAD', `/v2/app/blobs/${digest}`)).status).toBe(200)
  }
})
