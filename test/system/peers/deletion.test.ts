/** Two registries that hold the same: what is deleted at the one stays gone there, whatever becomes of the process. */

import { expect, test } from 'vitest'
import { digestOf } from '../../support/digest.ts'
import { askAsOwner } from '../../support/owner.ts'
import { pushBlob, pushImage } from '../../support/push.ts'
import { asked, type RegistryPeer, startRegistryPeer } from './registry-peer.ts'

const LAYER = digestOf('layer')

const environment = { REGISTRY_STORAGE_DELETE_ENABLED: 'true', REGISTRY_SWARM_TIMEOUT: '1s' }

async function openTwo() {
  await using undo = new AsyncDisposableStack()
  const peer = undo.use(await startRegistryPeer([], { environment }))
  const trust = { REGISTRY_SWARM_TRUST: JSON.stringify([await peer.id()]) }
  const registry = undo.use(
    await startRegistryPeer([await peer.peerAddress()], { environment: { ...environment, ...trust } }),
  )
  const resources = undo.move()
  return { peer, registry, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

async function expectStatus(registry: RegistryPeer, status: number, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    for (const method of ['HEAD', 'GET']) {
      const response = await fetch(registry.url + path, { method })
      expect(response.status, `${method} ${path}: ${await response.text()}`).toBe(status)
    }
  }
}

async function remove(registry: RegistryPeer, path: string): Promise<void> {
  expect((await fetch(registry.url + path, { method: 'DELETE' })).status).toBe(202)
}

test('through a restart and a kill, until it is pushed again or its owner keeps it', async () => {
  await using two = await openTwo()
  const { peer, registry } = two
  for (const one of [peer, registry]) await pushImage(asked(one), 'a', { tag: '1' })
  const { digest } = await pushImage(asked(peer), 'a', { tag: '2' })
  const [image, blob, tag, other] = [
    `/v2/a/manifests/${digest}`,
    `/v2/a/blobs/${LAYER}`,
    '/v2/a/manifests/1',
    '/v2/a/manifests/2',
  ]
  await registry.meet(await peer.id())
  await expectStatus(registry, 200, [image, blob, tag, other])

  await remove(registry, tag)
  await expectStatus(registry, 404, [tag])
  await expectStatus(registry, 200, [image, other])
  await remove(registry, image)
  await remove(registry, blob)
  await expectStatus(registry, 404, [image, blob, tag, other])

  await registry.kill()
  await registry.restart()
  await registry.meet(await peer.id())
  await expectStatus(registry, 404, [image, blob, tag, other])
  await registry.restart()
  await registry.meet(await peer.id())
  await expectStatus(registry, 404, [image, blob, tag, other])
  await expectStatus(peer, 200, [image, blob, tag, other])

  expect((await askAsOwner(registry, `/flotilla/kept/a/${digest}`, 'PUT')).status).toBe(204)
  await expectStatus(registry, 200, [image, blob, other])
  await expectStatus(registry, 404, [tag])
  await pushBlob(asked(registry), 'a', '{}')
  await pushImage(asked(registry), 'a', { tag: '1' })
  await expectStatus(registry, 200, [tag])
})

test('pulling a digest does not create a repository that nobody has', async () => {
  await using two = await openTwo()
  const { peer, registry } = two
  const { digest } = await pushImage(asked(peer), 'one')
  await registry.meet(await peer.id())
  await expectStatus(registry, 404, [`/v2/two/manifests/${digest}`, `/v2/two/blobs/${LAYER}`])
  expect(await (await fetch(`${registry.url}/v2/_catalog`)).json()).toEqual({ repositories: [] })
  await expectStatus(registry, 200, [`/v2/one/manifests/${digest}`, `/v2/one/blobs/${LAYER}`])
  expect(await (await fetch(`${registry.url}/v2/_catalog`)).json()).toEqual({ repositories: ['one'] })
})

test('the owner may keep what only peers have, and gets an error if nobody has it', async () => {
  await using two = await openTwo()
  const { peer, registry } = two
  const { digest } = await pushImage(asked(peer), 'a')
  await registry.meet(await peer.id())
  expect((await askAsOwner(registry, `/flotilla/kept/a/${digest}`, 'PUT')).status).toBe(204)
  expect((await askAsOwner(registry, `/flotilla/kept/b/${digest}`, 'PUT')).status).toBe(404)
  expect(await (await fetch(`${registry.url}/v2/_catalog`)).json()).toEqual({ repositories: ['a'] })
})
