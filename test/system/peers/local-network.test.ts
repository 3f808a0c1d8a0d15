/** What the README promises: two commands, nothing configured, and what is pushed to one is pulled from the other. */

import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { MIB } from '../../support/bytes.ts'
import { run } from '../../support/command.ts'
import { type RegistryProcess, startRegistry } from '../../support/registry-process.ts'
import { record } from '../hostile/support/figures.ts'
import { type Host, openPrivateNetwork } from './private-network.ts'
import { until } from './registry-peer.ts'

const CLIENT = fileURLToPath(new URL('local-client.ts', import.meta.url))

const blob = { seed: 'layer', size: 3 * MIB }

/** Whatever the test run says: as users start it. */
const environment = { REGISTRY_SWARM_ENABLED: 'true', REGISTRY_LOG_ACCESSLOG_DISABLED: 'true' }

test.concurrent('two registries on one machine find each other', async () => {
  await using network = await openPrivateNetwork()
  const [{ launcher }] = network.hosts
  await using one = await startRegistry({ launcher, environment })
  await joined(network.hosts[0], one)
  await using other = await startRegistry({ launcher, environment })
  await expectToMeet('two registries on one machine', network.hosts[0], other)
  await expectPull(network.hosts[0], one.url, network.hosts[0], other.url)
})

test.concurrent('two registries on one local network find each other', async () => {
  await using network = await openPrivateNetwork()
  const [first, second] = network.hosts
  await using one = await startRegistry({ ...first, address: `${first.address}:5000`, environment })
  await using other = await startRegistry({ ...second, address: `${second.address}:5000`, environment })
  await expectPull(first, one.url, second, other.url)
})

/** What the first holds would get out by the second. */
test.concurrent('a registry for this machine does not find one that is open to the network', async () => {
  await using network = await openPrivateNetwork()
  const [host] = network.hosts
  await using open = await startRegistry({ ...host, address: '0.0.0.0:5000', environment })
  await using one = await startRegistry({ launcher: host.launcher, environment })
  await using other = await startRegistry({ launcher: host.launcher, environment })
  await expectToMeet('two registries beside an open one', host, other)
  const { peers } = await ask(host, { do: 'status', ...whereIs(one) })
  const { id } = await ask(host, { do: 'status', url: 'http://127.0.0.1:5000', data: open.data })
  expect(id).toMatch(/^12D3/)
  expect(peers.map((peer: { id: string }) => peer.id)).not.toContain(id)
})

/** Milliseconds; they should need a tenth of it, and needed more when all they had was mDNS. */
const SOON = 7000

async function expectToMeet(who: string, host: Host, registry: RegistryProcess): Promise<void> {
  const milliseconds = Number(await perform(host, { do: 'meet', ...whereIs(registry) }))
  record(`${who} meet, after joining`, { milliseconds })
  expect(milliseconds).toBeLessThan(SOON)
}

/** The answer waits for that. */
const joined = async (host: Host, registry: RegistryProcess): Promise<void> =>
  void (await ask(host, { do: 'status', ...whereIs(registry) }))

const whereIs = ({ url, data }: RegistryProcess) => ({ url, data })

async function expectPull(from: Host, pushed: string, to: Host, pulled: string): Promise<void> {
  expect(await perform(from, { do: 'push', url: pushed, blob })).toBe('201')
  await until('they find each other', async () => {
    return (await perform(to, { do: 'pull', url: pulled, blob })) === 'right'
  })
}

const perform = async (host: Host, errand: object): Promise<string> => (await ask(host, errand)).outcome

async function ask({ launcher }: Host, errand: object) {
  const [program, ...options] = [...launcher, process.execPath, CLIENT, JSON.stringify(errand)]
  return JSON.parse(await run(program!, options))
}
