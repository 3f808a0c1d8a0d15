/**
 * Who: any peers connected to a registry, and one that was trusted and is not careful.
 * Tries: to attach documents to the images of others ("not affected by anything"), which scanners take from the list
 * of referrers, and to fill that list until genuine signatures have no place in it.
 * Gets: nothing, since strangers are not asked. Where the registry asks all, a small share of the list, with their
 * name at each entry; nothing that was pushed or that a trusted peer lists gives way to them.
 */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Child, startChild } from '../../../support/child-process.ts'
import { type RegistryPeer, startRegistryPeer, until } from '../../peers/registry-peer.ts'
import { attach, type Pushed, pushImage, referrersOf, SIGNATURE, VEX } from '../support/artifacts.ts'
import { record } from '../support/figures.ts'
import type { Junk } from './junk-peers.ts'

const APP = 'library/app'
const PEER = 'vnd.flotilla.peer'
const PROGRAM = fileURLToPath(new URL('junk-peers.ts', import.meta.url))

/** They are connected to the registry when this resolves. */
async function startJunkPeers(victim: RegistryPeer, junk: Omit<Junk, 'victim'>) {
  const argument = JSON.stringify({ ...junk, victim: await victim.peerAddress() })
  const child = startChild(process.execPath, [PROGRAM, argument])
  await child.waitFor(/^ready\n/m, 60_000)
  const known = async () => (await victim.status()).peers.filter(({ isRegistry }) => isRegistry).length
  await until('the strangers are connected', async () => (await known()) >= junk.strangers)
  return {
    questions: () => questionsOf(child),
    [Symbol.asyncDispose]: async () => void (await child.end('SIGKILL')),
  }
}

/** But for what the owner's list of peers asks each: whether it tells what it has. */
const questionsOf = (child: Child): number =>
  child
    .output()
    .split('\n')
    .filter((line) => line.startsWith('asked') && line !== 'asked repositories').length

/** Again and again until it is so, as a client that looks at the list more than once. */
async function listUntil(victim: RegistryPeer, image: Pushed, isSo: (digests: readonly string[]) => boolean) {
  let listed = await referrersOf(victim, APP, image)
  await until('the list is as it should be', async () => {
    listed = await referrersOf(victim, APP, image)
    return isSo(listed.map(({ digest }) => digest))
  })
  return listed
}

test('a stranger attaches nothing to the images of a registry that is connected to it', async () => {
  await using stranger = await startRegistryPeer()
  await using victim = await startRegistryPeer([await stranger.peerAddress()])
  await victim.meet(await stranger.id())
  const image = await pushImage(victim, APP, 'latest')
  await pushImage(stranger, APP, 'latest')
  const own = await attach(victim, APP, image, SIGNATURE)
  const vex = await attach(stranger, APP, image, VEX)

  for (let time = 0; time < 3; time++)
    expect(await referrersOf(victim, APP, image)).toMatchObject([{ digest: own.digest }])
  const cached = { headers: { 'Cache-Control': 'only-if-cached' } }
  expect((await fetch(`${victim.url}/v2/${APP}/manifests/${vex.digest}`, cached)).status).toBe(404)
})

test('nor by having a document pulled by its digest', async () => {
  await using stranger = await startRegistryPeer()
  await using victim = await startRegistryPeer([await stranger.peerAddress()])
  await victim.meet(await stranger.id())
  const image = await pushImage(victim, APP, 'latest')
  const vex = await attach(stranger, APP, image, VEX)

  expect((await fetch(`${victim.url}/v2/${APP}/manifests/${vex.digest}`)).status).toBe(200)
  expect(await referrersOf(victim, APP, image)).toEqual([])
})

test('strangers are not asked, and a signature from a trusted peer is listed with its name', async () => {
  await using trusted = await startRegistryPeer()
  const environment = { REGISTRY_SWARM_TRUST: JSON.stringify([await trusted.id()]) }
  await using victim = await startRegistryPeer([await trusted.peerAddress()], { environment })
  const image = await pushImage(victim, APP, 'latest')
  const signature = await attach(trusted, APP, image, SIGNATURE)
  await using junk = await startJunkPeers(victim, { strangers: 2, referrers: 100, subject: image })
  await victim.meet(await trusted.id())

  const listed = await listUntil(victim, image, (digests) => digests.includes(signature.digest))
  expect(listed).toMatchObject([{ digest: signature.digest, annotations: { [PEER]: await trusted.id() } }])
  expect(junk.questions()).toBe(0)
})

test('if all peers are asked, each entry names its peer, and a thousand made-up ones hide no genuine one', async () => {
  await using trusted = await startRegistryPeer()
  const environment = {
    REGISTRY_SWARM_TRUST: JSON.stringify([await trusted.id()]),
    REGISTRY_SWARM_REFERRERS: 'all',
  }
  await using victim = await startRegistryPeer([], { environment })
  const image = await pushImage(victim, APP, 'latest')
  const own = await attach(victim, APP, image, SIGNATURE, 'of the owner')
  await using _ = await startJunkPeers(victim, { strangers: 10, referrers: 128, subject: image })
  await listUntil(victim, image, (digests) => digests.length > 512)
  for (let time = 0; time < 3; time++) await referrersOf(victim, APP, image)

  const genuine = await attach(trusted, APP, image, SIGNATURE, 'of the trusted peer')
  const id = await trusted.id()
  await trusted.stop()
  await using _back = await startRegistryPeer([await victim.peerAddress()], { data: trusted.data })
  await victim.meet(id)
  const listed = await listUntil(victim, image, (digests) => digests.includes(genuine.digest))

  const nameAt = ({ digest }: Pushed) => {
    const { annotations = {} } = listed.find((one) => one.digest === digest)!
    return annotations[PEER]
  }
  expect(nameAt(own)).toBeUndefined()
  expect(nameAt(genuine)).toBe(id)
  const junk = listed.filter(({ artifactType }) => artifactType === VEX)
  expect(junk.every(({ annotations }) => annotations?.[PEER]?.startsWith('12D3KooW'))).toBe(true)
  expect(listed.length).toBeLessThanOrEqual(513)
  record('1280 referrers made up by 10 strangers, where all are asked', {
    listed: listed.length,
    made_up: junk.length,
  })
})
