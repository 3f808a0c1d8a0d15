/** Peers on hosts of their own: what is cut off and comes back, or is started again, finds the others by itself. */

import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { SwarmStatus } from '../../../src/core/libp2p/status.ts'
import { MIB } from '../../support/bytes.ts'
import { run } from '../../support/command.ts'
import { digestOf } from '../../support/digest.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { make, type Recipe } from './content.ts'
import { knownRoot } from './data-folder.ts'
import { type Host, openPrivateNetwork } from './private-network.ts'
import { until } from './registry-peer.ts'
import { startScriptedPeers } from './scripted-peer.ts'

const CLIENT = fileURLToPath(new URL('local-client.ts', import.meta.url))

const [before, during, after] = ['before', 'during', 'after'].map((seed) => ({ seed, size: 2 * MIB })) as [
  Recipe,
  Recipe,
  Recipe,
]

test('after a cut and after a restart, peers reconnect, with their ids, pins and provider records', async () => {
  await using network = await openPrivateNetwork()
  const [first, second, third] = network.hosts
  await using one = await startOn(first)
  const { id, addresses } = await one.status()
  await using other = await startOn(second, addresses)
  const otherId = (await other.status()).id
  await meet(one, otherId)
  expect(await one.push(before)).toBe('201')
  await using seekers = await startScriptedPeers(
    [{ blobs: [], host: third.address, bootstrap: addresses, dht: true, seek: digestOf(make(before)) }],
    third.launcher,
  )
  const [seeker] = seekers.peers
  await until('the DHT says who has it', async () => seeker.found().includes(id))

  await first.cut()
  expect(await other.pull(before)).toBe('refused')
  await until('the others are missed', async () => (await one.status()).peers.length === 0)
  expect(await one.push(during)).toBe('201')
  await first.heal()
  await meet(one, otherId)
  await until('what was pushed meanwhile is there', async () => (await other.pull(during)) === 'right')

  await one.process.stop()
  expect(knownRoot(one.process.data, digestOf(make(before)))).toBeDefined()
  const found = seeker.found().length
  await one.process.restart()
  expect((await one.status()).id).toBe(id)
  await meet(one, otherId)
  await until('the DHT says so again', async () => seeker.found().slice(found).includes(id))
  expect(await one.push(after)).toBe('201')
  await until('what it has is there', async () => (await other.pull(after)) === 'right')
  expect(await other.pull(before)).toBe('right')
})

interface HostedRegistry extends AsyncDisposable {
  readonly process: RegistryProcess
  status(): Promise<SwarmStatus>
  /** The status of the answer. */
  push(blob: Recipe): Promise<string>
  /** The outcome. */
  pull(blob: Recipe): Promise<string>
}

async function startOn({ address, launcher }: Host, swarm: readonly string[] = []): Promise<HostedRegistry> {
  const environment = {
    REGISTRY_SWARM_LISTEN: JSON.stringify([`/ip4/${address}/tcp/4001`]),
    REGISTRY_LOG_ACCESSLOG_DISABLED: 'true',
  }
  const process_ = await startRegistry({ launcher, environment, swarm, address: '127.0.0.1:5000' })
  const ask = async (errand: object) => {
    const text = JSON.stringify({ url: 'http://127.0.0.1:5000', ...errand })
    const [program, ...options] = [...launcher, process.execPath, CLIENT, text]
    return JSON.parse(await run(program!, options))
  }
  return {
    process: process_,
    status: () => ask({ do: 'status', data: process_.data }),
    push: async (blob) => (await ask({ do: 'push', blob })).outcome,
    pull: async (blob) => (await ask({ do: 'pull', blob })).outcome,
    [Symbol.asyncDispose]: () => process_[Symbol.asyncDispose](),
  }
}

const meet = (registry: HostedRegistry, id: string): Promise<void> =>
  until('they meet', async () =>
    (await registry.status()).peers.some((peer) => peer.id === id && peer.isRegistry),
  )
