/** A browser's registry trusts the peers in the settings and the one that serves the page. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { expect, it } from 'vitest'
import { settingsSchema } from '../../../../src/browser/settings.ts'
import { joinSwarm } from '../../../../src/browser/swarm/join.ts'
import type { TabNetwork } from '../../../../src/browser/swarm/tab/network.ts'
import { silentLog } from '../../../../src/core/log.ts'
import { peerStatement, signStatement } from '../../../../src/core/swarm/protocol/statements.ts'
import type { SwarmPlatform } from '../../../../src/core/swarm/swarm.ts'

/** A registry that serves a page. */
async function openOrigin() {
  const key = await generateKeyPair('Ed25519')
  const self = peerIdFromPrivateKey(key).toString()
  const server = createServer(async (request, response) => {
    const nonce = new URL(request.url!, 'http://peer').searchParams.get('nonce')!
    const signer = { self, sign: async (bytes: Uint8Array) => key.sign(bytes) }
    const signature = await signStatement(signer, peerStatement(nonce))
    response.end(JSON.stringify({ id: self, addresses: [], signature }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const close = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { id: self, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close }
}

const tab = { self: '', peers: () => [], refresh: async () => {} } as unknown as TabNetwork

it('trusts the peer that serves the page even while it is away, so that no other peer can name newer tags', async () => {
  const origin = await openOrigin()
  const joined = Promise.withResolvers<SwarmPlatform>()
  const swarm = joinSwarm({
    assembly: { join: (means) => joined.resolve(means) as never },
    tab,
    origin: origin.url,
    settings: async () => settingsSchema.parse({ trust: [`12D3KooW${'a'.repeat(44)}`] }),
    log: silentLog,
  })
  const { trusts, network } = await joined.promise
  expect(trusts!(origin.id)).toBe(true)
  expect(trusts!(`12D3KooW${'a'.repeat(44)}`)).toBe(true)
  expect(trusts!(`12D3KooW${'b'.repeat(44)}`)).toBe(false)
  await origin.close()
  await network.request(origin.id, {}, { signal: AbortSignal.timeout(5000) }).catch(() => {})
  await expect.poll(() => swarm.http().origin).toBeUndefined()
  expect(trusts!(origin.id)).toBe(true)
  swarm.close()
})
