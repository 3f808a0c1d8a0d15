/** One blob from several peers at once: each gives a part, none is asked twice for the same, and one may die. */

import { expect, test } from 'vitest'
import { WINDOW_LEAVES } from '../../../src/core/swarm/download/leaf-window.ts'
import { MIB } from '../../support/bytes.ts'
import { digestOf } from '../../support/digest.ts'
import { descriptorOf, imageOf } from '../../support/push.ts'
import { make } from './content.ts'
import { pull } from './pull.ts'
import { type RegistryPeer, startRegistryPeer, until } from './registry-peer.ts'
import { type ScriptedPeer, startScriptedPeers } from './scripted-peer.ts'

const BLOB = { seed: 'shared', size: 96 * MIB + 1 }
const digest = digestOf(make(BLOB))
const RATE = 16 * MIB

const environment = { REGISTRY_SWARM_DHT_ENABLED: 'false' }

const fetchers = [
  { fetcher: 'stream', http: false },
  { fetcher: 'http', http: true },
]

describeRoads('three peers share the work', async ({ http }) => {
  await using seeders = await startScriptedPeers(Array(3).fill({ blobs: [BLOB], http, rate: RATE }))
  const { peers } = seeders
  await using registry = await startRegistryPeer(addressesOf(peers), { environment })
  await registry.meet(...peers.map(({ id }) => id))

  expect((await pull(registry.url, 'library/app', digest)).outcome).toBe('right')
  for (const peer of peers) expect(peer.sent()).toBeGreaterThan(BLOB.size / 6)
  expect(sentBy(peers)).toBeLessThanOrEqual(BLOB.size + WINDOW_LEAVES * MIB)
})

describeRoads('one of them is so slow that it only costs time, and is soon left out', async ({ http }) => {
  const script = { blobs: [BLOB], http, rate: RATE }
  await using seeders = await startScriptedPeers([script, script, { ...script, rate: 20_000 }])
  const { peers } = seeders
  const [, , slow] = peers
  await using registry = await startRegistryPeer(addressesOf(peers), { environment })
  await registry.meet(...peers.map(({ id }) => id))

  expect((await pull(registry.url, 'library/app', digest)).outcome).toBe('right')
  expect(slow!.questions(await registry.id())).toBeLessThan(12)
})

describeRoads('one of them dies in the middle', async ({ http }) => {
  const script = { blobs: [BLOB], http, rate: RATE }
  await using survivors = await startScriptedPeers([script, script])
  await using mortal = await startScriptedPeers([script])
  const peers = [...survivors.peers, ...mortal.peers]
  await using registry = await startRegistryPeer(addressesOf(peers), { environment })
  await registry.meet(...peers.map(({ id }) => id))

  const pulling = pull(registry.url, 'library/app', digest)
  await until('the mortal one has given something', async () => mortal.peers[0].sent() > 8 * MIB)
  await mortal.kill()

  expect((await pulling).outcome).toBe('right')
  expect(sentBy(peers)).toBeLessThanOrEqual(BLOB.size + WINDOW_LEAVES * MIB)
})

describeRoads('the registry dies in the middle and goes on where it was', async ({ http }) => {
  await using seeders = await startScriptedPeers([{ blobs: [BLOB], http, rate: RATE }])
  const [seeder] = seeders.peers
  await using registry = await startRegistryPeer([seeder.address], {
    environment: { ...environment, REGISTRY_VALIDATION_MANIFESTS_BLOBS: 'none' },
  })
  await registry.meet(seeder.id)
  await nameInManifest(registry, 'library/app', BLOB.size, digest)

  const pulling = pull(registry.url, 'library/app', digest)
  await until('half of it is there', async () => seeder.sent() > BLOB.size / 2)
  await registry.kill()
  expect((await pulling).outcome).toBe('broken off')
  await registry.restart()
  await registry.meet(seeder.id)

  expect((await pull(registry.url, 'library/app', digest)).outcome).toBe('right')
  expect(seeder.sent()).toBeLessThanOrEqual(BLOB.size + 2 * WINDOW_LEAVES * MIB)
})

/** What only peers say that it exists is not gone on with. */
async function nameInManifest(
  { url }: RegistryPeer,
  repository: string,
  size: number,
  digest: string,
): Promise<void> {
  const config = descriptorOf('{}', 'application/vnd.oci.image.config.v1+json')
  const layer = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest, size }
  const response = await fetch(`${url}/v2/${repository}/manifests/1`, {
    method: 'PUT',
    body: JSON.stringify(imageOf(config, [layer])),
    headers: { 'Content-Type': 'application/vnd.oci.image.manifest.v1+json' },
  })
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
}

function describeRoads(title: string, work: (fetcher: (typeof fetchers)[number]) => Promise<void>): void {
  test.each(fetchers)(`${title}, by the fetcher $fetcher`, work)
}

const addressesOf = (peers: readonly ScriptedPeer[]): string[] => peers.map(({ address }) => address)

const sentBy = (peers: readonly ScriptedPeer[]): number => peers.reduce((sum, peer) => sum + peer.sent(), 0)
