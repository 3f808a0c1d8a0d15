/**
 * Who: a peer that wants content that is not shared. It knows digests and sizes, from an image that it saw once, but
 * not the bytes.
 * Tries: to offer them, in the hope that the registry, which has them in another repository, serves them from this
 * one.
 * Gets: nothing, no matter who requests them from the registry.
 */

import { expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { digestOf } from '../../../support/digest.ts'
import { make } from '../../peers/content.ts'
import { push, startRegistryPeer } from '../../peers/registry-peer.ts'
import { startScriptedPeers } from '../../peers/scripted-peer.ts'
import { ALONE } from './support.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar'

const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', secret: 'hunter2' }))
const layers = [1000, MIB, 5 * MIB + 1].map((size) => make({ seed: 'private', size }))
const descriptorOf = (bytes: Uint8Array, mediaType: string) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST,
    config: descriptorOf(config, CONFIG),
    layers: layers.map((layer) => descriptorOf(layer, LAYER)),
  }),
)
const parts = [config, ...layers].map((bytes) => descriptorOf(bytes, LAYER))
const image = descriptorOf(manifest, MANIFEST)

test.each(['at once', 'when all is settled'])('one that knows digests and sizes, %s', async (when) => {
  const claims = [...parts.map(({ digest, size }) => ({ digest, size })), image]
  await using liars = await startScriptedPeers([{ blobs: [], claims }])
  const environment = { ...ALONE, REGISTRY_SWARM_SHARE_DENY: '["private/.*"]' }
  await using registry = await startRegistryPeer([liars.peers[0].address], { environment })
  await registry.meet(liars.peers[0].id)
  for (const bytes of [config, ...layers]) await push(registry, 'private/app', bytes)
  const pushed = await fetch(`${registry.url}/v2/private/app/manifests/1`, {
    method: 'PUT',
    body: manifest,
    headers: { 'Content-Type': MANIFEST },
  })
  expect(pushed.status).toBe(201)
  if (when !== 'at once') await new Promise((resolve) => setTimeout(resolve, 1000)) // leaves are hashed

  const addresses = [...[...parts, image].map(({ digest }) => `blobs/${digest}`), `manifests/${image.digest}`]
  for (const address of addresses) {
    expect.soft(await outcomeOf(`${registry.url}/v2/public/x/${address}`), address).not.toBe('all of it')
    const { status } = await fetch(`${registry.url}/v2/public/x/${address}`, { method: 'HEAD' })
    expect.soft(status, address).toBe(404)
  }
  const { repositories } = (await (await fetch(`${registry.url}/v2/_catalog`)).json()) as {
    repositories: string[]
  }
  expect(repositories).toEqual(['private/app'])
})

async function outcomeOf(url: string): Promise<string> {
  const response = await fetch(url)
  if (!response.ok) return `${response.status}`
  return response.arrayBuffer().then(
    () => 'all of it',
    () => 'broken off',
  )
}
