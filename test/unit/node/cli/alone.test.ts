/** A registry that can't join its swarm still serves clients, and its log says what to change. */
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { PATIENCE } from '../../../support/patience.ts'
import { startRegistry } from '../../../support/registry-process.ts'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'

it.each([
  [
    'an address that is taken',
    'REGISTRY_SWARM_LISTEN',
    'TAKEN',
    /swarm\.listen: \/ip4.*address already in use/,
  ],
  ['a key that is not there', 'REGISTRY_SWARM_KEY', '/none', /swarm\.key: .*no such file/],
  ['a key that is none', 'REGISTRY_SWARM_KEY', 'FILE', /is not a pre-shared key/],
  [
    'an identity that is damaged',
    'REGISTRY_LOG_LEVEL',
    'info',
    /key: it is not a private key; restore a backup/,
  ],
])('%s', async (what, variable, value, words) => {
  await using folder = await openTemporaryFolder()
  const data = join(folder.path, 'data')
  await mkdir(join(data, 'swarm'), { recursive: true })
  if (what.startsWith('an identity')) await writeFile(join(data, 'swarm/key'), 'no key')
  const file = join(folder.path, 'file')
  await writeFile(file, 'no key')
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const taken = `["/ip4/127.0.0.1/tcp/${(server.address() as AddressInfo).port}"]`
  const environment = { [variable]: value.replace('TAKEN', taken).replace('FILE', file) }

  await using registry = await startRegistry({ data, swarm: [], environment })
  await vi.waitFor(() => expect(registry.output()).toMatch(/this registry is alone/), PATIENCE)

  await vi.waitFor(() => expect(registry.output()).toMatch(words), PATIENCE)
  expect(registry.output()).not.toMatch(/^\s+at /m)
  expect((await fetch(`${registry.url}/v2/`)).status).toBe(200)
  server.close()
})
