/**
 * Who: somebody who can cut a registry off from some of its peers, and a member of a private swarm that nobody named.
 * Tries: to make clients pull an older image than there is, by keeping away the peer that has the newest; or to move
 * tags that belong to a build server.
 * Gets: the newest image that was pulled, or 404, in place of an older one, also after a restart, until a trusted
 * peer sets the tag again. The build server's word outranks theirs, whenever they set the tag.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTemporaryFolder } from '../../../support/temporary-folder.ts'
import { type RegistryPeer, startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { pushImage } from '../support/artifacts.ts'

const APP = 'library/app'

interface Pulled {
  readonly status: number
  readonly digest: string | null
  readonly from: string | null
}

async function pull({ url }: RegistryPeer): Promise<Pulled> {
  const { status, headers, body } = await fetch(`${url}/v2/${APP}/manifests/latest`)
  await body?.cancel()
  return {
    status,
    digest: headers.get('docker-content-digest'),
    from: headers.get('flotilla-tag-source'),
  }
}

const trusting = async (...peers: readonly RegistryPeer[]) => ({
  REGISTRY_SWARM_TRUST: JSON.stringify(await Promise.all(peers.map((peer) => peer.id()))),
})

const addressesOf = (...peers: readonly RegistryPeer[]): Promise<string[]> =>
  Promise.all(peers.map((peer) => peer.peerAddress()))

test('a peer that keeps the newest provider of a tag away leads nobody back to an older image', async () => {
  await using behind = await startRegistryPeer()
  await using ahead = await startRegistryPeer()
  const old = await pushImage(behind, APP, 'latest', 'old')
  const recent = await pushImage(ahead, APP, 'latest', 'recent')
  const environment = await trusting(behind, ahead)
  await using victim = await startRegistryPeer(await addressesOf(behind, ahead), { environment })
  await victim.meet(await behind.id(), await ahead.id())
  const newest = { status: 200, digest: recent.digest, from: await ahead.id() }
  expect(await pull(victim)).toMatchObject(newest)

  await ahead.stop()
  expect(await pull(victim)).toMatchObject(newest)
  expect(victim.output()).toContain('a tag is not taken from peers')
  await victim.restart()
  await victim.meet(await behind.id())
  expect(await pull(victim)).toMatchObject(newest)

  await pushImage(behind, APP, 'latest', 'old')
  const again = { status: 200, digest: old.digest, from: await behind.id() }
  await until('the tag that was set again is taken', async () => (await pull(victim)).digest === old.digest)
  expect(await pull(victim)).toMatchObject(again)
})

test('having the key of a private swarm is not enough to move the tags of a peer that is named', async () => {
  await using folder = await openTemporaryFolder()
  const key = join(folder.path, 'swarm.key')
  await writeFile(key, `/key/swarm/psk/1.0.0/\n/base16/\n${'5e'.repeat(32)}\n`)
  const withKey = { REGISTRY_SWARM_KEY: key }
  await using builder = await startRegistryPeer([], { environment: withKey })
  await using member = await startRegistryPeer([], { environment: withKey })
  const genuine = await pushImage(builder, APP, 'latest', 'genuine')
  const other = await pushImage(member, APP, 'latest', 'of the member')
  const environment = { ...withKey, ...(await trusting(builder)) }
  const addresses = await addressesOf(builder, member)
  await using victim = await startRegistryPeer(addresses, { environment })
  await using unsuspecting = await startRegistryPeer(addresses, { environment: withKey })
  for (const peer of [victim, unsuspecting]) await peer.meet(await builder.id(), await member.id())

  expect(await pull(unsuspecting)).toMatchObject({ status: 200, digest: other.digest })
  expect(await pull(victim)).toMatchObject({ status: 200, digest: genuine.digest, from: await builder.id() })
  await builder.stop()
  expect(await pull(victim)).toMatchObject({ status: 200, digest: genuine.digest })
})
