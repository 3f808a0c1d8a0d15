/** Blocks both ways with a peer of IPFS that knows nothing of registries: the same bytes have the same CIDs. */

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leafCid, rootOf } from '../../../src/core/dag/dag.ts'
import { encodedOf } from '../../../src/core/oci/digest.ts'
import { MIB } from '../../support/bytes.ts'
import { digestOf } from '../../support/digest.ts'
import { imageOf, pushManifest } from '../../support/push.ts'
import { startBareHelia } from './bare-helia.ts'
import { leavesOf, make } from './content.ts'
import { expectTrueBlobs, knownRoot } from './data-folder.ts'
import { pull } from './pull.ts'
import { asked, push, startRegistryPeer, until } from './registry-peer.ts'

const LAYER = make({ seed: 'layer', size: 21 * MIB + 7 })
const SMALL = make({ seed: 'small', size: 300_000 })
const REPOSITORY = 'library/app'

test('Helia fetches a layer from a registry, by the root that it would compute for that layer itself', async () => {
  await using registry = await startRegistryPeer()
  await using ipfs = await startBareHelia()
  await using another = await startBareHelia()
  await push(registry, REPOSITORY, LAYER)
  await ipfs.connect(await registry.peerAddress())

  const root = await another.add(LAYER)
  await until('it is pinned', () => ipfs.finds(root))

  expect(String(root)).toBe(String(await rootOf(leavesOf(LAYER), LAYER.length)))
  expect(await ipfs.hashOf(root)).toBe(encodedOf(digestOf(LAYER)))
})

test('a small blob has its own digest for a CID', async () => {
  await using registry = await startRegistryPeer()
  await using ipfs = await startBareHelia()
  await push(registry, REPOSITORY, SMALL)
  await ipfs.connect(await registry.peerAddress())

  expect(await ipfs.hashOf(leafCid(leavesOf(SMALL)))).toBe(encodedOf(digestOf(SMALL)))
})

test('what is not shared cannot be fetched', async () => {
  const environment = { REGISTRY_SWARM_SHARE_DENY: '["secret/.*"]' }
  await using registry = await startRegistryPeer([], { environment })
  await using ipfs = await startBareHelia()
  await push(registry, 'secret/app', LAYER)
  await push(registry, REPOSITORY, SMALL)
  await ipfs.connect(await registry.peerAddress())

  await expect(ipfs.hashOf(leafCid(leavesOf(LAYER)), AbortSignal.timeout(2000))).rejects.toThrow()
  expect(await ipfs.hashOf(leafCid(leavesOf(SMALL)))).toBe(encodedOf(digestOf(SMALL)))
})

test('a layer whose file is lost is fetched from Helia, by the root in the catalog', async () => {
  await using ipfs = await startBareHelia()
  await using registry = await startRegistryPeer([ipfs.address])
  await push(registry, REPOSITORY, LAYER)
  const digest = digestOf(LAYER)
  const root = await rootOf(leavesOf(LAYER), LAYER.length)
  await until('it is pinned', async () => await ipfs.finds(root))
  await registry.stop()
  expect(knownRoot(registry.data, digest)).toBe(String(root))
  await rm(join(registry.data, 'blobs', 'sha256', encodedOf(digest)))
  await registry.restart()

  expect(await pull(registry.url, REPOSITORY, digest)).toEqual({ outcome: 'refused', status: 404 })
  expect(await ipfs.add(LAYER)).toEqual(root)
  await until('it is found', async () => (await pull(registry.url, REPOSITORY, digest)).outcome === 'right')

  await expectTrueBlobs(registry.data)
  const { peers } = await registry.status()
  expect(peers.find(({ id }) => id === ipfs.id)?.moved['bitswap']?.received).toBe(LAYER.length)
})

test('a small blob that no registry has is fetched from Helia, by its digest, if a manifest names it', async () => {
  const environment = { REGISTRY_VALIDATION_MANIFESTS_BLOBS: 'none' }
  await using ipfs = await startBareHelia()
  await using registry = await startRegistryPeer([ipfs.address], { environment })
  await ipfs.addBlock(leafCid(leavesOf(SMALL)), SMALL)
  const layer = {
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
    digest: digestOf(SMALL),
    size: SMALL.length,
  }
  await pushManifest(asked(registry), REPOSITORY, imageOf(layer, [layer]), '1')

  await until('it is found', async () => {
    return (await pull(registry.url, REPOSITORY, digestOf(SMALL))).outcome === 'right'
  })
  expect(await pull(registry.url, 'library/other', digestOf(SMALL))).toEqual({
    outcome: 'refused',
    status: 404,
  })
  await expectTrueBlobs(registry.data)
})
