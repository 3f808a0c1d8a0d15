/**
 * Who: a stranger who can connect to a registry that is open to the network, under a thousand made-up identities.
 * Tries: to take all places of the peers that the registry dials again and again, so that it dials nobody else; and
 * to fill its memory of peers, and its disk, with them.
 * Gets: nothing that lasts. A peer that joins the local network is dialled at once, also after a restart, and not one
 * of the identities is on the disk.
 */

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Child, startChild } from '../../../support/child-process.ts'
import { run } from '../../../support/command.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { type Host, openPrivateNetwork } from '../../peers/private-network.ts'
import { record } from '../support/figures.ts'

const IDENTITIES = fileURLToPath(new URL('identities.ts', import.meta.url))
const NEIGHBOUR = fileURLToPath(new URL('neighbour.ts', import.meta.url))

const COUNT = 1000

/** Milliseconds; the registry of before dialled nobody for a day. */
const SOON = 15_000

/** Milliseconds, without anybody who attacks. */
const PATIENCE = 60_000

test('a thousand identities keep no neighbour from being dialled', async () => {
  await using network = await openPrivateNetwork()
  const [home, lair, next] = network.hosts
  const address = swarmAddressOf(home)
  await using registry = await startOpenRegistry(home)
  const before = await dialled(next, PATIENCE)

  const admitted = Number(/admitted (\d+)/.exec(await runOn(lair, IDENTITIES, address, `${COUNT}`))?.[1])
  expect(admitted).toBeGreaterThan(200)
  const during = await dialled(next)
  await registry.restart()
  const after = await dialled(next)
  await registry.stop()

  record('throw-away identities', { identities: admitted, before, during, after })
  expect(peersOnDisk(registry.data)).toBe(0)
})

test('a host that holds on to its connections leaves places for others', async () => {
  await using network = await openPrivateNetwork()
  const [home, lair, next] = network.hosts
  const address = swarmAddressOf(home)
  await using _registry = await startOpenRegistry(home)
  await dialled(next, PATIENCE)
  const holding = startOn(lair, IDENTITIES, address, '400', 'hold')
  try {
    const held = Number((await holding.waitFor(/admitted (\d+)/, 120_000))[1])
    const others = Number(/admitted (\d+)/.exec(await runOn(next, IDENTITIES, address, '10'))?.[1])
    record('connections that one host holds', { tried: 400, held, others, dialled: await dialled(next) })
    expect(held).toBeLessThanOrEqual(48)
    expect(others).toBe(10)
  } finally {
    await holding.end('SIGKILL')
  }
})

const swarmAddressOf = ({ address }: Host): string => `/ip4/${address}/tcp/4001`

const startOpenRegistry = (host: Host) =>
  startRegistry({
    ...host,
    address: `${host.address}:5000`,
    environment: {
      REGISTRY_SWARM_ENABLED: 'true',
      REGISTRY_SWARM_LISTEN: JSON.stringify([swarmAddressOf(host)]),
    },
  })

/** Milliseconds until a neighbour that starts on this host is dialled. */
async function dialled(host: Host, limit = SOON): Promise<number> {
  const child = startOn(host, NEIGHBOUR, host.address)
  try {
    return Number((await child.waitFor(/dialled after (\d+)/, limit))[1])
  } finally {
    await child.end('SIGKILL')
  }
}

function startOn({ launcher }: Host, ...what: string[]): Child {
  const [program, ...options] = [...launcher, process.execPath, ...what]
  return startChild(program!, options)
}

async function runOn({ launcher }: Host, ...what: string[]): Promise<string> {
  const [program, ...options] = [...launcher, process.execPath, ...what]
  return run(program!, options)
}

function peersOnDisk(data: string): number {
  using database = new DatabaseSync(join(data, 'catalog.db'), { readOnly: true })
  const [row] = database.prepare(`SELECT count(*) AS count FROM datastore WHERE key LIKE '/peers/%'`).all()
  return Number(row!['count'])
}
