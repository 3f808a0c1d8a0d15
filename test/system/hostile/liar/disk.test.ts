/**
 * Who: a peer that wants to fill the disk, or the memory.
 * Tries: to claim digests that nobody has, of any size, and to send zeros for as long as somebody takes them. Anybody
 * may request such a digest from the registry: a web page could.
 * Gets: one window of disk, even after the client has left; nothing of it stays; and the claimed size has a limit.
 */

import { expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { startScriptedPeers } from '../../peers/scripted-peer.ts'
import { record } from '../support/figures.ts'
import { watch } from '../support/watch.ts'
import { ALONE, madeUp, readSome, uploadsOf } from './support.ts'

const GIB = 1024 * MIB
const LARGEST = 16 * GIB

test('one that claims as much as is believed', async () => {
  const digest = madeUp('large')
  await using liars = await startScriptedPeers([{ blobs: [], claims: [{ digest, size: LARGEST }] }])
  await using registry = await startRegistryPeer([liars.peers[0].address], { environment: ALONE })
  await registry.meet(liars.peers[0].id)

  const client = await readSome(`${registry.url}/v2/library/app/blobs/${digest}`, 32 * MIB)
  const before = await uploadsOf(registry)
  client.leave()
  let most = before
  await until(
    'nothing of it is left',
    async () => {
      const now = await uploadsOf(registry)
      most = Math.max(most, now)
      return now === 0
    },
    20_000,
  )
  record('a claim of 16 GiB, after the client has left', { mebibytes: (most - before) / MIB })
  expect(client.bytes).toBeGreaterThan(0)
  expect(most - before).toBeLessThan(128 * MIB)
})

test('one that claims more', async () => {
  const digest = madeUp('beyond')
  await using liars = await startScriptedPeers([{ blobs: [], claims: [{ digest, size: 1024 * GIB }] }])
  await using registry = await startRegistryPeer([liars.peers[0].address], { environment: ALONE })
  await registry.meet(liars.peers[0].id)
  const response = await fetch(`${registry.url}/v2/library/app/blobs/${digest}`)
  await response.body?.cancel()
  expect(response.status).toBe(404)
  expect(await uploadsOf(registry)).toBe(0)
})

test('one whose claim does not fit into the budget of the cache', async () => {
  const digest = madeUp('over budget')
  await using liars = await startScriptedPeers([{ blobs: [], claims: [{ digest, size: GIB }] }])
  await using registry = await startRegistryPeer([liars.peers[0].address], {
    environment: { ...ALONE, REGISTRY_SWARM_CACHE_BUDGET: '64MiB' },
  })
  await registry.meet(liars.peers[0].id)
  const client = await readSome(`${registry.url}/v2/library/app/blobs/${digest}`, GIB).catch(() => undefined)
  expect(client).toBeUndefined() // broken off
  await until('nothing of it is left', async () => (await uploadsOf(registry)) === 0, 20_000)
})

test.each([
  ['1 TiB', 1024 * GIB],
  ['16 GiB', LARGEST],
])('ten digests of %s at once', async (name, size) => {
  const claims = Array.from({ length: 10 }, (_, number) => ({ digest: madeUp(`${number}`), size }))
  await using liars = await startScriptedPeers([{ blobs: [], claims }])
  await using registry = await startRegistryPeer([liars.peers[0].address], { environment: ALONE })
  await registry.meet(liars.peers[0].id)
  const watching = await watch(registry)
  const leaving = new AbortController()
  const asked = claims.map(({ digest }) =>
    fetch(`${registry.url}/v2/library/app/blobs/${digest}`, { signal: leaving.signal }).catch(
      () => undefined,
    ),
  )
  const limit = AbortSignal.timeout(6000)
  await Promise.race([Promise.all(asked), new Promise((resolve) => limit.addEventListener('abort', resolve))])
  leaving.abort()
  const { memory, latency } = await watching.end()
  const more = (memory.most - memory.before) / MIB
  record(`ten made-up digests of ${name}`, { mebibytes: more, 'latency p99': latency.p99 })
  expect(more).toBeLessThan(400)
})
