/**
 * Whoever is on the local network sends broken packets of multicast DNS to a registry that is open to it. He gets nothing
 * but the questions and answers that all get, and the registry goes on.
 */

import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MIB } from '../../../support/bytes.ts'
import { run } from '../../../support/command.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { openPrivateNetwork } from '../../peers/private-network.ts'
import { until } from '../../peers/registry-peer.ts'
import { perform } from '../stranger/strangers.ts'
import { record } from '../support/figures.ts'
import { residentOf } from '../support/resident.ts'

const SENDER = fileURLToPath(new URL('mdns-sender.ts', import.meta.url))

const SEED = Number(process.env.FLOTILLA_SEED ?? 20_261_130)
const PACKETS = 3000 * Number(process.env.FLOTILLA_FUZZ ?? 1)

/** Bytes: the garbage of the moment, and the records of peers that do not exist, which have a bound. */
const MAX_GROWTH = 96 * MIB

test('broken packets of multicast DNS', async () => {
  await using network = await openPrivateNetwork()
  const [host, stranger, neighbour] = network.hosts
  const environment = { REGISTRY_SWARM_ENABLED: 'true', REGISTRY_LOG_ACCESSLOG_DISABLED: 'true' }
  const open = ({ launcher }: typeof host) =>
    startRegistry({ launcher, address: '0.0.0.0:5000', environment })
  const statusOf = (on: typeof host, { data }: { readonly data: string }) =>
    perform(on, { do: 'status', url: 'http://127.0.0.1:5000', data })
  await using registry = await open(host)
  const status = () => statusOf(host, registry)
  await status()
  const before = residentOf(registry.pid)
  await run(stranger.launcher[0]!, [
    ...stranger.launcher.slice(1),
    process.execPath,
    SENDER,
    stranger.address,
    String(SEED),
    String(PACKETS),
  ])
  await using other = await open(neighbour)
  const { id } = await statusOf(neighbour, other)
  await until('a neighbour is found afterwards', async () => {
    return (await status()).peers.some((peer: { id: string }) => peer.id === id)
  })
  const growth = residentOf(registry.pid) - before
  record(`${PACKETS} broken packets of mDNS, seed ${SEED}`, { 'growth MiB': Math.round(growth / MIB) })
  expect(growth).toBeLessThan(MAX_GROWTH)
  expect(registry.output()).not.toMatch(/\bERROR\b|"level":"error"/)
})
