/**
 * Who: a stranger on the same network, such as the Wi-Fi of a café, while somebody runs the README's first command.
 * Tries: to be dialled by announcing themselves by mDNS; to find the registry by mDNS, by its known ports and by the
 * DHT; and to request a digest that they know. From another machine, and from a second address of the same one.
 * Gets: nothing. No connection in either direction, no byte, no digest, and no packet of mDNS.
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { run } from '../../../support/command.ts'
import { digestOf } from '../../../support/digest.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { make } from '../../peers/content.ts'
import { type Host, openPrivateNetwork } from '../../peers/private-network.ts'
import { until } from '../../peers/registry-peer.ts'
import { record } from '../support/figures.ts'
import { perform, startStranger } from './strangers.ts'

/** Seconds that the stranger has. An earlier version gave everything away within two. */
const PATIENCE = Number(process.env.FLOTILLA_STRANGER_SECONDS ?? 6)

const blob = { seed: 'secret', size: 3 * MIB }
const digest = digestOf(make(blob))

/** As users start it. */
const environment = { REGISTRY_SWARM_ENABLED: 'true', REGISTRY_LOG_ACCESSLOG_DISABLED: 'true' }

test.concurrent.each(['another machine', 'a second address'])(
  'a stranger on %s gets nothing',
  async (where) => {
    await using network = await openPrivateNetwork()
    const [home, other] = network.hosts
    const lair = where === 'another machine' ? other : await secondAddressOf(home)
    await using registry = await startRegistry({ launcher: home.launcher, environment })
    const { url, data } = registry
    expect(await perform(home, { do: 'push', url, blob })).toEqual({ outcome: '201' })
    const { id, addresses } = await perform(home, { do: 'status', url, data })
    const victims = addresses.map((address: string) => address.replace('127.0.0.1', home.address))

    const own = [lair.address, ...(lair === other ? [] : [home.address, '127.0.0.1'])]
    const plan = { address: lair.address, own, victims, victimId: id, digest }
    await using stranger = await startStranger(lair, plan)
    await sleep(PATIENCE * 1000)
    const loot = await stranger.loot()

    record(`a stranger on ${where} of a loopback registry, ${PATIENCE} s`, { ...loot })
    expect(loot).toEqual({ connections: 0, bytes: 0, digests: 0, packets: 0 })
    expect((await perform(home, { do: 'status', url, data })).peers).toEqual([])
  },
)

/** Who names a peer exchanges with that peer, and with nobody that it knows. */
test.concurrent('where a peer was named, a stranger who knows that one gets nothing', async () => {
  await using network = await openPrivateNetwork()
  const [home, friend, lair] = network.hosts
  await using named = await startRegistry({
    ...friend,
    address: '127.0.0.1:5000',
    environment: {
      ...environment,
      REGISTRY_SWARM_LISTEN: JSON.stringify([`/ip4/${friend.address}/tcp/4001`]),
    },
  })
  const { addresses } = await perform(friend, { do: 'status', url: named.url, data: named.data })
  const bootstrap = { REGISTRY_SWARM_BOOTSTRAP: JSON.stringify(addresses) }
  await using registry = await startRegistry({
    launcher: home.launcher,
    environment: { ...environment, ...bootstrap },
  })
  const { url, data } = registry
  expect(await perform(home, { do: 'push', url, blob })).toEqual({ outcome: '201' })
  const { id } = await perform(home, { do: 'status', url, data })
  const { address, launcher } = lair
  const plan = { address, own: [address], only: home.address, victims: addresses, victimId: id, digest }

  await using stranger = await startStranger({ launcher }, plan)
  await until(
    'the named peer can pull',
    async () => (await perform(friend, { do: 'pull', url: named.url, blob })).outcome === 'right',
  )
  await sleep(PATIENCE * 1000)
  const { connections, packets } = await stranger.loot()

  record(`a stranger who knows the peer that a loopback registry names, ${PATIENCE} s`, {
    connections,
    packets,
  })
  expect({ connections, packets }).toEqual({ connections: 0, packets: 0 })
  const { peers } = await perform(home, { do: 'status', url, data })
  expect(peers.map((peer: { id: string }) => addresses[0].endsWith(peer.id))).toEqual([true])
})

/** Who opens a registry to named peers on a network is found by nobody there, and gives strangers who know it nothing. */
test.concurrent('where the swarm is open to named peers, a stranger who knows its port gets nothing', async () => {
  await using network = await openPrivateNetwork()
  const [home, { launcher, address }] = network.hosts
  const settings = {
    REGISTRY_SWARM_REACH: 'named',
    REGISTRY_SWARM_LISTEN: JSON.stringify([`/ip4/${home.address}/tcp/4001`]),
  }
  await using registry = await startRegistry({
    launcher: home.launcher,
    environment: { ...environment, ...settings },
  })
  const { url, data } = registry
  expect(await perform(home, { do: 'push', url, blob })).toEqual({ outcome: '201' })
  const { id, addresses } = await perform(home, { do: 'status', url, data })
  const plan = { address, own: [address], victims: addresses, victimId: id, digest }

  await using stranger = await startStranger({ launcher }, plan)
  await sleep(PATIENCE * 1000)
  const { bytes, digests, packets } = await stranger.loot()

  expect({ bytes, digests, packets }).toEqual({ bytes: 0, digests: 0, packets: 0 })
  expect((await perform(home, { do: 'status', url, data })).peers).toEqual([])
})

/** The attempts themselves work: a registry that is open to the network gives everything. */
test.concurrent('a stranger to a swarm that is open gets what is shared, and one answer a second', async () => {
  await using network = await openPrivateNetwork()
  const [home, { launcher, address }] = network.hosts
  await using registry = await startRegistry({ ...home, address: `${home.address}:5000`, environment })
  const { url } = registry
  expect(await perform(home, { do: 'push', url, blob })).toEqual({ outcome: '201' })
  const plan = { address, own: [address], victims: [], victimId: 'unknown', digest }
  await using stranger = await startStranger({ launcher }, plan)
  const start = performance.now()
  await sleep(PATIENCE * 1000)
  const { connections, bytes, digests, packets } = await stranger.loot()
  expect(Math.min(connections, bytes, digests, packets)).toBeGreaterThan(0)
  expect(packets).toBeLessThan(3 * ((performance.now() - start) / 1000))
})

async function secondAddressOf(host: Host): Promise<Host> {
  const [program, ...options] = [...host.launcher, 'ip', 'address', 'add', '10.77.0.101/24', 'dev', 'eth0']
  await run(program!, options)
  return { ...host, address: '10.77.0.101' }
}
